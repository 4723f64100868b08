/// The window arithmetic of one dimension of a convolution or a pool.
struct WindowAxis {
  let inputExtent: Int
  let kernelExtent: Int
  let stride: Int
  let dilation: Int
  let padding: Int

  static func vertical(_ record: OperatorRecord) -> WindowAxis {
    WindowAxis(
      inputExtent: record.int(.inputHeight), kernelExtent: record.int(.kernelHeight),
      stride: record.int(.strideHeight), dilation: record.int(.dilationHeight),
      padding: record.int(.padTop))
  }

  static func horizontal(_ record: OperatorRecord) -> WindowAxis {
    WindowAxis(
      inputExtent: record.int(.inputWidth), kernelExtent: record.int(.kernelWidth),
      stride: record.int(.strideWidth), dilation: record.int(.dilationWidth),
      padding: record.int(.padLeft))
  }

  /// Where the first tap of output `position` falls; negative in the padding.
  @inline(__always)
  func origin(_ position: Int) -> Int { position &* stride &- padding }

  /// The taps that fall inside the input when the first falls at `origin`; an empty range at 0
  /// where none does.
  @inline(__always)
  func taps(origin: Int) -> Range<Int> {
    let last = origin &+ (kernelExtent &- 1) &* dilation
    if origin >= 0, last < inputExtent { return 0..<kernelExtent }
    let first = origin >= 0 ? 0 : (dilation &- 1 &- origin) / dilation
    let room = inputExtent &- origin
    let end = room <= 0 ? 0 : Swift.min(kernelExtent, (room &+ dilation &- 1) / dilation)
    return first < end ? first..<end : 0..<0
  }

  /// How many positions from `origin` on, a stride apart, have all their taps inside the input; 1
  /// where the first has not.
  @inline(__always)
  func wholeWindows(from origin: Int) -> Int {
    let room = inputExtent &- 1 &- (origin &+ (kernelExtent &- 1) &* dilation)
    return origin < 0 || room < 0 ? 1 : room / stride &+ 1
  }

  /// The taps inside the input, all positions together.
  func insideTaps(positions: Int) -> Int {
    (0..<positions).reduce(0) { $0 &+ taps(origin: origin($1)).count }
  }

  /// The runs of positions that ``wholeWindows(from:)`` gives, one after another.
  func runs(positions: Int) -> Int {
    var position = 0
    var runs = 0
    while position < positions {
      position = position &+ wholeWindows(from: origin(position))
      runs = runs &+ 1
    }
    return runs
  }
}
