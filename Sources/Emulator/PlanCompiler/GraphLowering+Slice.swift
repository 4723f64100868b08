import MCUKernels
import TFLite

/// STRIDED_SLICE, SPLIT and SPLIT_V.
extension GraphLowering {
  mutating func lowerStridedSlice(_ view: OperatorView) throws(CompileError) {
    guard case .stridedSlice(let options) = view.operation.options else {
      throw view.invalid("its parameters are missing")
    }
    try view.requireCounts(inputs: 4...4, outputs: 1...1)
    guard options.ellipsisMask == 0, options.newAxisMask == 0, !options.endIsOffset else {
      throw view.invalid("ellipsis, new axes and relative ends are not supported")
    }
    let (input, output) = (try view.computedInput(0), try view.output())
    let size = try view.elementSize(input, "the input")
    guard input.type == output.type else { throw view.unsupported("the output", output) }
    let rank = input.shape.count
    let begins = try view.constantInts(1, "begin")
    let ends = try view.constantInts(2, "end")
    let steps = try view.constantInts(3, "strides")
    guard begins.count == rank, ends.count == rank, steps.count == rank else {
      throw view.invalid("begin, end and strides do not have \(rank) entries each")
    }
    var axes: [SliceAxis] = []
    for index in 0..<rank {
      guard
        let axis = SliceAxis(
          extent: input.shape[index], begin: begins[index], end: ends[index],
          step: steps[index], ignoresBegin: options.beginMask >> index & 1 == 1,
          ignoresEnd: options.endMask >> index & 1 == 1,
          isDropped: options.shrinkAxisMask >> index & 1 == 1)
      else {
        throw view.invalid(
          "\(begins[index]) to \(ends[index]) by \(steps[index]) is no part of dimension \(index) "
            + "of \(input.shape)")
      }
      axes.append(axis)
    }
    let expected = axes.filter { !$0.isDropped }.map(\.count)
    guard output.shape == expected else {
      throw view.invalid("its output has the shape \(output.shape), not \(expected)")
    }
    let inputStrides = LoopRows.strides(of: input.shape)
    let outputStrides = LoopRows.strides(of: axes.map(\.count))
    var lowered = movement(
      view, .stridedSlice, input: input, output: output, to: define(output.index),
      elementSize: size,
      rows: axes.indices.map {
        .init(
          count: axes[$0].count, firstStride: axes[$0].step * inputStrides[$0] * size,
          secondStride: outputStrides[$0] * size)
      })
    lowered.set(
      .own3, axes.indices.reduce(0) { $0 + axes[$1].first * inputStrides[$1] * size })
    append(lowered)
  }

  /// SPLIT and SPLIT_V, whose outputs' shapes say where the cuts are: a slice for each output that
  /// is read.
  mutating func lowerSplit(
    _ view: OperatorView, valueAt: Int, axisAt: Int
  ) throws(CompileError) {
    try view.requireCounts(
      inputs: max(valueAt, axisAt) + 1...max(valueAt, axisAt) + 1, outputs: 1...Int.max)
    let input = try view.computedInput(valueAt)
    let size = try view.elementSize(input, "the input")
    let axes = try view.constantInts(axisAt, "axis")
    let rank = input.shape.count
    guard axes.count == 1, axes[0] >= -rank, axes[0] < rank else {
      throw view.invalid("\(input.shape) has no dimension \(axes)")
    }
    let dimension = axes[0] < 0 ? axes[0] + rank : axes[0]
    let inner = input.shape[(dimension + 1)...].reduce(size, *)
    let outer = input.shape[..<dimension].reduce(1, *)
    var position = 0
    for index in view.operation.outputs.indices {
      let output = try view.output(index)
      guard output.type == input.type else { throw view.unsupported("output \(index)", output) }
      var expected = input.shape
      expected[dimension] = output.shape.count == rank ? output.shape[dimension] : 0
      guard output.shape == expected, output.shape[dimension] <= input.shape[dimension] - position
      else {
        throw view.invalid("output \(index) of shape \(output.shape) is no part of \(input.shape)")
      }
      let run = output.shape[dimension] * inner
      let buffer = define(output.index)
      if isRead(output) {
        var piece = movement(
          view, .stridedSlice, input: input, output: output, to: buffer, elementSize: size,
          rows: [
            .init(count: outer, firstStride: input.shape[dimension] * inner, secondStride: run),
            .init(count: run / size, firstStride: size, secondStride: size),
          ])
        piece.set(.own3, position * inner)
        append(piece)
      }
      position += output.shape[dimension]
    }
    guard position == input.shape[dimension] else {
      throw view.invalid(
        "its outputs take \(position) of \(input.shape[dimension]) along dimension \(dimension)")
    }
  }
}

/// What a strided slice takes of one dimension: TensorFlow's rules for negative positions, positions
/// beyond the ends, and masks.
struct SliceAxis: Equatable, Sendable {
  let first: Int
  let count: Int
  let step: Int
  /// Whether the output has no such dimension.
  let isDropped: Bool

  /// Nil for a step of 0, and where nothing is taken.
  init?(
    extent: Int, begin: Int, end: Int, step: Int, ignoresBegin: Bool, ignoresEnd: Bool,
    isDropped: Bool
  ) {
    guard step != 0 else { return nil }
    let (low, high) = step > 0 ? (0, extent) : (-1, extent - 1)
    func clamped(_ position: Int) -> Int {
      min(max(position < 0 ? position + extent : position, low), high)
    }
    first = ignoresBegin ? (step > 0 ? 0 : extent - 1) : clamped(begin)
    let stop: Int
    if isDropped {
      stop = first + 1
    } else {
      stop = ignoresEnd ? (step > 0 ? extent : -1) : clamped(end)
    }
    // A dropped dimension is one position, whatever the step's sign.
    let span = isDropped || step > 0 ? stop - first : first - stop
    count = isDropped ? 1 : span <= 0 ? 0 : (span - 1) / abs(step) + 1
    guard count > 0, first >= 0, first < extent else { return nil }
    self.step = step
    self.isDropped = isDropped
  }
}
