/// The constants of the protocol that `docs/protocol.md` specifies.
public enum WireProtocol {
  /// The version that this code speaks.
  public static let version: UInt16 = 1
  /// The first four bytes of a hello's body, "AGNN".
  public static let magic: UInt32 = 0x4E4E_4741
  /// The server's port unless told otherwise.
  public static let defaultPort = 7433
  /// Bytes of the longest token.
  public static let maximumTokenLength = 256
  /// Bytes of the longest message of an error.
  public static let maximumMessageLength = 256

  /// Bytes of the longest frame that a server may answer an infer frame with, header included: a
  /// prediction with one logit for each class, or an error.
  public static func maximumAnswerSize(classes: Int) -> Int {
    let longestError = ErrorFrame.fixedLength + maximumMessageLength
    return FrameHeader.size + max(Prediction.bodyLength(classes: classes), longestError)
  }
}
