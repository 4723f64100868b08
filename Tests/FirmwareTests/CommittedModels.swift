import BundleFormat
import Datasets
import FirmwareBench
import Foundation
import SeededRandom
import TestBundles
import Testing

/// Every bundle that users run, those of the other schemes, and images for each.
enum CommittedModels {
  struct Model: Sendable, CustomTestStringConvertible {
    let bundle: ModelBundle
    /// Images for it; else the data set's.
    var pictures: [URL] = []
    /// Whose folder it lies in, where it is not the repository's own.
    var copy: BundleCopy?

    var testDescription: String {
      bundle.directory.pathComponents.suffix(2).joined(separator: "/")
    }

    /// Pixels of the camera's image: the data set's, and where it has none here the bundle's input.
    func camera() -> (width: Int, height: Int) {
      dataset(.test)?.imageSize ?? (bundle.manifest.input.width, bundle.manifest.input.height)
    }

    func compiled() throws -> FirmwareModel { try FirmwareModel(bundle, camera: camera()) }

    /// The pictures again and again; or the data set's first images of a split, and random ones in the
    /// place of those that are not here.
    func images(_ count: Int, of split: Split = .test) throws -> [[UInt8]] {
      if !pictures.isEmpty {
        return try (0..<count).map { index in
          try ImageFile.load(pictures[index % pictures.count], index: index).pixels
        }
      }
      if let dataset = dataset(split) {
        return try (0..<count).map { try dataset.image(at: $0).pixels }
      }
      let (width, height) = camera()
      var random = SplitMix64(seed: split == .test ? 0xF1 : 0xF2)
      return (0..<count).map { _ in
        (0..<(3 * width * height)).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
    }

    private func dataset(_ split: Split) -> (any ImageDataset)? {
      guard let name = DatasetName(rawValue: bundle.manifest.dataset) else { return nil }
      return try? DatasetLocator().open(name, split: split)
    }
  }

  static let all: [Model] = ((try? ModelBundle.discover(in: Repository.models)) ?? []).map {
    Model(bundle: $0)
  }

  /// One of each scheme but AgileNN, too small for anybody to use.
  static let schemes: [Model] = FixtureBundle.schemes.compactMap { fixture in
    (try? fixture.load()).map { Model(bundle: $0, pictures: Repository.pictures) }
  }

  /// Those with a server's half and an answer of the device's own.
  static let offloading = all.filter { model in
    model.bundle.manifest.paths.contains { path in
      path.remote != nil && path.exits.contains { $0.place == .device }
    }
  }
}
