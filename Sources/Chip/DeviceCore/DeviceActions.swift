/// What the device program wants done after an event. All of it starts at once.
public struct DeviceActions: Equatable, Sendable {
  /// For the core: to be performed, and then told as ``DeviceEvent/workDone``.
  public var work: DeviceWork?
  /// For the radio: a piece of the transmit buffer, to be sent and then told as
  /// ``DeviceEvent/sent``.
  public var send: Range<Int>?
  /// When the program wants ``DeviceEvent/timer``; it takes an earlier wish's place. nil: not at all.
  public var timer: Microseconds?
  /// The answer to the image.
  public var answer: DeviceAnswer?
  /// Why the connection must be closed, if it must.
  public var linkFault: LinkFault?
  /// The server has refused the request, which costs the image its remote half alone.
  public var refusal: RefusalNotice?

  public init() {}
}

/// Why what the server sent ends the connection.
public enum LinkFault: UInt8, Equatable, Sendable {
  /// The bytes are no frame that a server sends.
  case malformed = 1
  /// A prediction for a request that the device never made.
  case foreignAnswer = 2
  /// Another number of logits than the bundle has labels, or a scale that is out of range.
  case wrongLogits = 3
  /// More symbols used than were sent.
  case impossibleCount = 4
  /// The server's last words: an error frame.
  case serverError = 5
  /// A frame that nobody asked for.
  case unexpected = 6
}

/// A refusal, as its frame has it.
public struct RefusalNotice: Equatable, Sendable {
  /// `WireErrorCode`'s raw value.
  public var code: UInt16
  public var retryAfterMilliseconds: UInt32

  public init(code: UInt16, retryAfterMilliseconds: UInt32) {
    self.code = code
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }
}
