import MCUKernels
import TFLite

/// RESIZE_NEAREST_NEIGHBOR.
extension GraphLowering {
  mutating func lowerResize(_ view: OperatorView) throws(CompileError) {
    guard
      case .resizeNearestNeighbor(let alignCorners, let halfPixelCentres) = view.operation.options
    else { throw view.invalid("its parameters are missing") }
    try view.requireCounts(inputs: 2...2, outputs: 1...1)
    let (input, output) = (try view.computedInput(0), try view.output())
    let size = try view.elementSize(input, "the input")
    let extents = try view.constantInts(1, "size")
    guard input.shape.count == 4, extents.count == 2, input.type == output.type,
      output.shape == [input.shape[0]] + extents + [input.shape[3]]
    else {
      throw view.invalid("the size \(extents) does not bring \(input.shape) to \(output.shape)")
    }
    func positions(_ dimension: Int) -> [Int32] {
      (0..<output.shape[dimension]).map { position in
        Self.nearest(
          position, input: input.shape[dimension], output: output.shape[dimension],
          alignCorners: alignCorners, halfPixelCentres: halfPixelCentres)
      }
    }
    var lowered = LoweredOperator(
      view, geometry: OperatorGeometry(.resizeNearest, from: input.shape, to: output.shape),
      input: operand(input), inputBytes: input.elementCount * size, output: define(output.index),
      outputBytes: output.elementCount * size)
    lowered.batches = input.shape[0]
    lowered.constants = (positions(1) + positions(2)).flatMap(\.littleEndianBytes)
    lowered.set(.own0, input.shape[3] * size)
    append(lowered)
  }

  /// Which input row or column an output row or column is, in float32 as TensorFlow Lite computes
  /// it.
  private static func nearest(
    _ position: Int, input: Int, output: Int, alignCorners: Bool, halfPixelCentres: Bool
  ) -> Int32 {
    let scale =
      alignCorners && output > 1
      ? Float(input - 1) / Float(output - 1) : Float(input) / Float(output)
    let scaled = (Float(position) + (halfPixelCentres ? 0.5 : 0)) * scale
    let rounded = scaled.rounded(alignCorners ? .toNearestOrAwayFromZero : .down)
    return Int32(max(0, min(Int(rounded), input - 1)))
  }
}
