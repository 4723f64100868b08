import Board
import Datasets
import DeviceSchemes
import ExitStatus
import Foundation
import Testing

@testable import DeviceKit

/// Images of another data set than the bundle's.
@Suite struct ForeignImageTests {
  struct Labelled: ImageDataset {
    let name: String
    let imageLabels: [Int?]
    let labels = ["any"]
    var count: Int { imageLabels.count }
    var imageSize: (width: Int, height: Int) { (32, 32) }

    func image(at index: Int) throws -> LabelledImage {
      LabelledImage(
        index: index, pixels: [UInt8](repeating: 7, count: 3072), width: 32, height: 32,
        label: imageLabels[index], name: "\(name)/\(index)")
    }
  }

  /// The receipts and warnings of a run offline, and what ended it.
  static func run(
    _ labels: [Int?], of name: String
  ) async throws -> (receipts: Int, warnings: [String], error: DeviceError?) {
    var receipts = 0
    var warnings: [String] = []
    do {
      _ = try await Rig.run().run(
        ImageSource(Labelled(name: name, imageLabels: labels), count: nil, seed: nil), server: nil,
        warn: { warnings.append($0) }, each: { _ in receipts += 1 })
    } catch let error as DeviceError {
      return (receipts, warnings, error)
    }
    return (receipts, warnings, nil)
  }

  @Test func aClassThatTheBundleDoesNotKnow() async throws {
    for label in [10, 49, .max, -1] {
      let (receipts, _, error) = try await Self.run([0, 9, nil, label, 0], of: "digits/test")
      #expect(receipts == 3)
      #expect(error == .unknownLabel(name: "digits/test/3", label: label, labels: 10))
      #expect(error?.exitStatus == 65)
    }
    let (receipts, warnings, error) = try await Self.run([49], of: "cifar100/test")
    #expect(receipts == 0 && warnings.isEmpty)
    #expect(
      error?.description
        == "cifar100/test/0: the image is of class 49, the bundle knows the classes 0 to 9")
  }

  @Test func anotherDatasetIsSaid() async throws {
    let foreign = try await Self.run([3, 4], of: "svhn/test")
    #expect(foreign.receipts == 2 && foreign.error == nil)
    #expect(foreign.warnings == ["the bundle is for digits, the images are of svhn"])
    #expect(try await Self.run([3, 4], of: "digits/test").warnings.isEmpty)
    #expect(try await Self.run([3, 4], of: "digits").warnings.isEmpty)
  }
}
