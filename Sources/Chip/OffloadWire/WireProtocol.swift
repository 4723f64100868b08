/// The constants of the protocol that `docs/protocol.md` specifies.
public enum WireProtocol {
  /// The version that this code speaks.
  public static let version: UInt16 = 2
  /// The first four bytes of a hello's body, "AGNN".
  public static let magic: UInt32 = 0x4E4E_4741
  /// The server's port unless told otherwise.
  public static let defaultPort = 7433
  /// Bytes of the longest body of any frame: a frame's size fits in a 32-bit chip's `Int`.
  public static let maximumBodyLength = Int(Int32.max) - FrameHeader.size
  /// Bytes of the longest token.
  public static let maximumTokenLength = 256
  /// Bytes of the longest message of an error or a refusal.
  public static let maximumMessageLength = 256

  /// Bytes of the longest frame that a server may answer a request with, header included: a
  /// prediction with one logit for each class, a refusal or an error.
  public static func maximumAnswerSize(classes: Int) -> Int {
    let longestRefusal = Refusal.fixedLength + maximumMessageLength
    return FrameHeader.size + max(Prediction.bodyLength(classes: classes), longestRefusal)
  }
}
