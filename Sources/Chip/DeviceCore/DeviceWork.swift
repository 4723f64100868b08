public import MCUKernels

/// Work for the core. The program has one piece under way at most.
public enum DeviceWork: Equatable, Sendable {
  /// Run these operators of the plan.
  case run(operators: Range<Int>)
  /// Code the next part of the features and lay it into a free place of the transmit buffer.
  case code
  /// Find out how sure the device exit of this number is of its answer.
  case ask(exit: Int)
}

/// What a piece of work came to: what a cost model charges for.
public struct DeviceWorkDone: Equatable, Sendable {
  /// What coded them.
  public var coder = PlanCoder.raw
  /// Symbols that were coded; a JPEG's minimum coded units, or one for a file.
  public var symbols = 0
  /// Symbols of earlier channels that the range coder's contexts looked at for them.
  public var references = 0
  /// Blocks of 8x8 samples of a JPEG that were coded, and the pixels that they were made from.
  public var blocks = 0
  public var pixels = 0
  /// Payload bytes that they became.
  public var payloadBytes = 0
  /// Bytes of frames that were laid down, headers and payload.
  public var frameBytes = 0
  /// Logits whose confidence was computed.
  public var logits = 0

  public init() {}
}
