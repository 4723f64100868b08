import Datasets
import PlanCompiler

extension FirmwareModel {
  /// The first images of Digits' test set, in the size that the model's camera has.
  ///
  /// - Throws: ``BenchError/noCamera(_:)`` for a bare model; what drawing them throws.
  public func digits(_ count: Int) throws -> [[UInt8]] {
    guard let camera = plan.inputs.first, camera.type == "uint8", camera.shape.count == 3
    else { throw BenchError.noCamera(name) }
    let (height, width) = (camera.shape[0], camera.shape[1])
    let images = try DatasetLocator().open(.digits, split: .test)
    return try (0..<count).map { index in
      let digit = try images.image(at: index)
      return (0..<height).flatMap { row in
        (0..<width).flatMap { column -> ArraySlice<UInt8> in
          let pixel = row * digit.height / height * digit.width + column * digit.width / width
          return digit.pixels[(3 * pixel)..<(3 * pixel + 3)]
        }
      }
    }
  }
}
