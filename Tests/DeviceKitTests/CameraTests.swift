import Board
import BundleFormat
import Datasets
import DeviceSchemes
import Foundation
import TestBundles
import Testing

@testable import DeviceKit

/// Pictures of many sizes before a bundle that resizes.
@Suite struct CameraTests {
  struct Pictures: ImageDataset {
    let sizes: [(width: Int, height: Int)]
    let name = "pictures"
    let labels = ["any"]
    var count: Int { sizes.count }
    var imageSize: (width: Int, height: Int) { sizes[0] }

    func image(at index: Int) throws -> LabelledImage {
      let (width, height) = sizes[index]
      return LabelledImage(
        index: index, pixels: (0..<(width * height * 3)).map { UInt8(truncatingIfNeeded: $0) },
        width: width, height: height, label: nil, name: "picture \(index)")
    }
  }

  static func run(
    _ sizes: [(width: Int, height: Int)], resize: String
  ) async throws -> [Receipt] {
    try await FixtureBundle.tiny.edited {
      $0["input"] = ["width": 32, "height": 32, "resize": resize]
    } then: { bundle in
      let program = try DeviceRun(bundle: bundle, settings: Rig.settings())
      var receipts: [Receipt] = []
      _ = try await program.run(
        ImageSource(Pictures(sizes: sizes), count: nil, seed: nil), server: nil, warn: { _ in },
        each: { receipts.append($0) })
      return receipts
    }
  }

  @Test(arguments: ["nearest", "bilinear"])
  func eachSizeHasItsOwnPlan(resize: String) async throws {
    let receipts = try await Self.run(
      [(64, 48), (64, 48), (32, 32), (100, 20), (64, 48)], resize: resize)
    #expect(receipts.map(\.index) == [0, 1, 2, 3, 4])
    #expect(receipts.allSatisfy { $0.prediction.local != nil && $0.label == nil })
    // A larger camera's image is a larger tenant.
    #expect(receipts[0].sramPeak > receipts[2].sramPeak)
    #expect(receipts[0].sramPeak == receipts[4].sramPeak)
    #expect(receipts[0].prediction == receipts[1].prediction)
  }

  @Test func withoutAResizeTheSizeMustFit() async throws {
    let error = await #expect(throws: DeviceError.self) {
      _ = try await Self.run([(33, 32)], resize: "none")
    }
    #expect(error?.exitStatus == 65)
    #expect(
      error?.description
        == "picture 0: the image has 33x32 pixels, the camera delivers 32x32, and the bundle has "
        + "no resize")
  }

  /// 640x480 RGB has 921,600 bytes: no board of ours holds it.
  @Test func aCameraTooLarge() async throws {
    let error = await #expect(throws: SRAMOverflow.self) {
      _ = try await Self.run([(640, 480)], resize: "nearest")
    }
    #expect(error?.refused.first?.name == "camera image and activations")
  }
}
