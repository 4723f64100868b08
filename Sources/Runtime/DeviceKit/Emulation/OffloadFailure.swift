import DeviceCore
import OffloadWire

/// An exchange with the server that brought no prediction.
struct OffloadFailure: Error, CustomStringConvertible, Equatable, Sendable {
  /// What happened, in one line.
  let description: String
  /// Whether the link can carry the next image's request: the server answered, and said no.
  let linkSurvives: Bool

  init(_ description: String, linkSurvives: Bool = false) {
    self.description = description
    self.linkSurvives = linkSurvives
  }

  /// The server has refused a request.
  init(refusal: RefusalNotice, frame: [UInt8]) {
    let text = Self.body(of: frame) { try? Refusal(decoding: $0).text } ?? ""
    let name = RefusalCode(rawValue: refusal.code).map { "\($0)" } ?? "\(refusal.code)"
    self.init("the server refused the request (\(name)): \(text)", linkSurvives: true)
  }

  /// The server has sent what ends the connection.
  init(fault: LinkFault, frame: [UInt8], classes: Int) {
    let prediction = Self.body(of: frame) { body in
      (try? Prediction(decoding: body)).map { (id: $0.id, logits: $0.logits.count) }
    }
    switch fault {
    case .malformed: self.init("the server answered with a malformed frame")
    case .foreignAnswer:
      self.init("the server answered request \(prediction?.id ?? 0), which nobody made")
    case .wrongLogits where prediction?.logits == classes:
      self.init("the server answered with logits out of range")
    case .wrongLogits:
      self.init(
        "the server answered with \(prediction?.logits ?? 0) logits for \(classes) classes")
    case .impossibleCount: self.init("the server used more symbols than there are")
    case .serverError:
      let error = Self.body(of: frame) { body in
        (try? ErrorFrame(decoding: body)).map { "(\($0.code)): \($0.text)" }
      }
      self.init("the server answered with an error \(error ?? "")")
    case .unexpected: self.init("the server sent a frame that nobody asked for")
    }
  }

  private static func body<Value>(
    of frame: [UInt8], _ read: (UnsafeRawBufferPointer) -> Value?
  ) -> Value? {
    frame.withUnsafeBytes { bytes in
      guard let header = try? FrameHeader(decoding: bytes), header.frameSize == bytes.count else {
        return nil
      }
      return read(UnsafeRawBufferPointer(rebasing: bytes[header.body]))
    }
  }
}
