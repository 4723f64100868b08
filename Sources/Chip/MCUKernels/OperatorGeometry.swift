/// The sizes of one operator: all that a cost model needs to charge for it.
///
/// Heights, widths and channels are those of the NHWC tensors, the batch left out. A tensor of fewer
/// than three dimensions has height and width 1 and its last dimension as channels; dimensions before
/// the last three are in the element counts alone.
public struct OperatorGeometry: Equatable, Sendable {
  public var kind: OperatorKind
  public var inputHeight: Int
  public var inputWidth: Int
  public var inputChannels: Int
  public var outputHeight: Int
  public var outputWidth: Int
  public var outputChannels: Int
  /// The window's size in taps, 1 where there is no window.
  public var kernelHeight: Int
  public var kernelWidth: Int
  /// The window's step, 1 where there is no window.
  public var strideHeight: Int
  public var strideWidth: Int
  /// Elements read, all batches and all inputs of the operator that are not weights.
  public var inputElements: Int
  /// Elements written, all batches.
  public var outputElements: Int
  /// Multiply-accumulates as the field counts them: padded taps count, a pooling window has none.
  public var macs: Int
  /// Kernel taps that fall inside the input, all output positions and batches together; the others
  /// are padding.
  public var insideTaps: Int
  /// Runs of output pixels in a row whose windows lie inside the input from left to right; every
  /// pixel whose window does not is a run of its own.
  public var windowRuns: Int
  /// How sums become outputs.
  public var finish: Finish

  /// The forms in which sums are requantised, the cheapest first.
  public enum Finish: Equatable, Sendable {
    /// By quick rows, the range being int8's own.
    case quick
    /// By quick rows, to a narrower range.
    case clamped
    /// By exact rows.
    case exact
  }

  /// - Parameters:
  ///   - insideTaps: all taps where it is left out.
  ///   - windowRuns: one for each row of the output where it is left out.
  public init(
    kind: OperatorKind, inputHeight: Int, inputWidth: Int, inputChannels: Int,
    outputHeight: Int, outputWidth: Int, outputChannels: Int,
    kernelHeight: Int, kernelWidth: Int, strideHeight: Int, strideWidth: Int,
    inputElements: Int, outputElements: Int, macs: Int, insideTaps: Int? = nil,
    windowRuns: Int? = nil, finish: Finish = .quick
  ) {
    self.kind = kind
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.inputElements = inputElements
    self.outputElements = outputElements
    self.macs = macs
    self.insideTaps =
      insideTaps ?? outputElements / max(1, outputChannels) &* kernelHeight &* kernelWidth
    self.windowRuns = windowRuns ?? outputElements / max(1, outputChannels &* outputWidth)
    self.finish = finish
  }
}
