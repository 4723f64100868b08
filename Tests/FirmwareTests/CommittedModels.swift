import BundleFormat
import Datasets
import FirmwareBench
import Foundation
import SeededRandom
import Testing

/// Every device graph of every bundle in the repository, and images for it.
enum CommittedModels {
  struct Model: Sendable, CustomTestStringConvertible {
    let bundle: ModelBundle
    let path: Int

    var testDescription: String {
      bundle.directory.pathComponents.suffix(2).joined(separator: "/") + ", path \(path)"
    }

    /// Pixels of the camera's image: the data set's, and where it has none here the bundle's input.
    func camera() -> (width: Int, height: Int) {
      dataset()?.imageSize ?? (bundle.manifest.input.width, bundle.manifest.input.height)
    }

    func compiled() throws -> FirmwareModel {
      try FirmwareModel(bundle, path: path, camera: camera())
    }

    /// The data set's first test images, and random ones in the place of those that are not here.
    func images(_ count: Int) throws -> [[UInt8]] {
      if let dataset = dataset() {
        return try (0..<count).map { try dataset.image(at: $0).pixels }
      }
      let (width, height) = camera()
      var random = SplitMix64(seed: 0xF1)
      return (0..<count).map { _ in
        (0..<(3 * width * height)).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
    }

    private func dataset() -> (any ImageDataset)? {
      guard let name = DatasetName(rawValue: bundle.manifest.dataset) else { return nil }
      return try? DatasetLocator().open(name, split: .test)
    }
  }

  static let folder = FirmwareUnderTest.repository.appendingPathComponent("Config/models")

  static let all: [Model] = ((try? ModelBundle.discover(in: folder)) ?? []).flatMap { bundle in
    FirmwareModel.devicePaths(of: bundle).map { Model(bundle: bundle, path: $0) }
  }
}
