/// The device's answer to an image.
public struct DeviceAnswer: Equatable, Sendable {
  /// Whose answer it is; the raw values are those of the bench's files.
  public enum Source: UInt8, CaseIterable, Equatable, Sendable {
    /// Local and remote logits together, the server having had every symbol.
    case combined = 0
    /// Combined, where the server had the first part of the symbols alone.
    case prefix = 1
    /// A device exit alone.
    case local = 2
    /// The server alone.
    case remote = 3
    /// Nobody's: there is none.
    case none = 4
  }

  public var source: Source
  /// Classes, -1 where that half gave no prediction.
  public var combined: Int32 = -1
  public var local: Int32 = -1
  public var remote: Int32 = -1
  /// Symbols that were coded and handed to the radio.
  public var symbolsSent = 0
  /// Symbols that the server used.
  public var symbolsUsed = 0
  /// Symbols of the whole path, 0 where nothing was to be sent.
  public var symbolsAll = 0
  /// Bytes of the frame that brought the remote half, header included; 0 without.
  public var frameBytes = 0
  /// Logits that were compared or combined for it.
  public var logits = 0

  /// The class that the device answers with; -1 for none.
  public var label: Int32 {
    switch source {
    case .combined, .prefix: combined
    case .local: local
    case .remote: remote
    case .none: -1
    }
  }
}
