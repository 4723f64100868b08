/// How long a connection waits, in real time, and how much it takes.
public struct ConnectionLimits: Equatable, Sendable {
  /// For a connection to come about, name resolution aside.
  public var connectTimeout: Duration
  /// From the hello's sending to the last byte of its answer.
  public var handshakeTimeout: Duration
  /// From a request's last byte to the last byte of its answer.
  public var replyTimeout: Duration
  /// The longest body of a frame in bytes; a longer one closes the connection before room is made
  /// for it.
  public var maximumBodyLength: Int

  public init(
    connectTimeout: Duration = .seconds(5), handshakeTimeout: Duration = .seconds(10),
    replyTimeout: Duration = .seconds(10), maximumBodyLength: Int = 1 << 20
  ) {
    self.connectTimeout = connectTimeout
    self.handshakeTimeout = handshakeTimeout
    self.replyTimeout = replyTimeout
    self.maximumBodyLength = maximumBodyLength
  }
}
