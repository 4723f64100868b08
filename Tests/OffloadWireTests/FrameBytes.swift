import OffloadWire
import Testing

/// One frame of every type with its bytes as `docs/protocol.md` has them, written out by hand.
enum FrameBytes {
  static let digest = (0..<32).map { UInt8(0xA0 + $0) }

  static let hello: [UInt8] =
    [1, 0, 0, 0, 44, 0, 0, 0]
    + [0x41, 0x47, 0x4E, 0x4E, 1, 0, 4, 0] + digest + Array("open".utf8)
  static let welcome: [UInt8] = [2, 0, 0, 0, 8, 0, 0, 0] + [1, 0, 0, 0, 0x78, 0x56, 0x34, 0x12]
  static let infer: [UInt8] =
    [3, 0, 0, 0, 10, 0, 0, 0] + [0x04, 0x03, 0x02, 0x01, 2, 0, 0, 0, 0x84, 0x16]
  static let prediction: [UInt8] =
    [4, 0, 0, 0, 27, 0, 0, 0]
    + [0x04, 0x03, 0x02, 0x01, 1, 0, 3, 0, 0, 0, 0, 0x3E, 90, 0, 0, 0, 35, 0, 0, 0, 0x48, 3, 0, 0]
    + [0x81, 0, 0x7F]
  static let error: [UInt8] =
    [5, 0, 0, 0, 8, 0, 0, 0] + [3, 0, 4, 0] + Array("what".utf8)
  static let ping: [UInt8] = [6, 0, 0, 0, 8, 0, 0, 0] + [8, 7, 6, 5, 4, 3, 2, 1]
  static let pong: [UInt8] = [7, 0, 0, 0, 8, 0, 0, 0] + [8, 7, 6, 5, 4, 3, 2, 1]

  static let all = [hello, welcome, infer, prediction, error, ping, pong]
}

/// A frame with its views turned into arrays, so that it can be compared and outlive its bytes.
enum DecodedFrame: Equatable {
  case hello(version: UInt16, digest: BundleDigest, token: [UInt8])
  case welcome(Welcome)
  case infer(id: UInt32, path: UInt8, payload: [UInt8])
  case prediction(
    id: UInt32, complete: Bool, scale: Float, times: [UInt32], logits: [UInt8])
  case error(WireErrorCode, message: [UInt8])
  case ping(Ping)
  case pong(Pong)

  /// Decodes a whole frame as a receiver does: header, limit, body.
  init(_ bytes: [UInt8], maximumBodyLength: Int = 1 << 20) throws(WireError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(WireError) in
        let header = try FrameHeader(decoding: bytes)
        try header.check(maximumBodyLength: maximumBodyLength)
        let body = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(FrameHeader.size))
        guard body.count >= header.bodyLength else {
          throw WireError.truncated(expected: Int(header.bodyLength), found: body.count)
        }
        return try DecodedFrame(
          header.type,
          body: UnsafeRawBufferPointer(rebasing: body.prefix(Int(header.bodyLength))))
      }
    }
    self = try result.get()
  }

  init(_ type: FrameType, body: UnsafeRawBufferPointer) throws(WireError) {
    switch type {
    case .hello:
      let frame = try Hello(decoding: body)
      self = .hello(
        version: frame.version, digest: frame.digest, token: Array(frame.token))
    case .welcome: self = .welcome(try Welcome(decoding: body))
    case .infer:
      let frame = try Infer(decoding: body)
      self = .infer(id: frame.id, path: frame.path, payload: Array(frame.payload))
    case .prediction:
      let frame = try Prediction(decoding: body)
      self = .prediction(
        id: frame.id, complete: frame.complete, scale: frame.scale,
        times: [frame.queueMicroseconds, frame.decodeMicroseconds, frame.runMicroseconds],
        logits: Array(frame.logits))
    case .error:
      let frame = try ErrorFrame(decoding: body)
      self = .error(frame.code, message: Array(frame.message))
    case .ping: self = .ping(try Ping(decoding: body))
    case .pong: self = .pong(try Pong(decoding: body))
    case .chunk, .end, .cancel: throw .unknownType(type.rawValue)
    }
  }

  /// The whole frame again.
  func encoded() throws(WireError) -> [UInt8] {
    switch self {
    case .hello(let version, let digest, let token):
      try withView(of: token) { view throws(WireError) in
        try Hello(version: version, digest: digest, token: view).encoded()
      }
    case .welcome(let frame): try frame.encoded()
    case .infer(let id, let path, let payload):
      try withView(of: payload) { view throws(WireError) in
        try Infer(id: id, path: path, payload: view).encoded()
      }
    case .prediction(let id, let complete, let scale, let times, let logits):
      try withView(of: logits) { view throws(WireError) in
        try Prediction(
          id: id, complete: complete, scale: scale, queueMicroseconds: times[0],
          decodeMicroseconds: times[1], runMicroseconds: times[2], logits: view
        ).encoded()
      }
    case .error(let code, let message):
      try withView(of: message) { view throws(WireError) in
        try ErrorFrame(code: code, message: view).encoded()
      }
    case .ping(let frame): try frame.encoded()
    case .pong(let frame): try frame.encoded()
    }
  }
}

func withView(
  of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(WireError) -> [UInt8]
) throws(WireError) -> [UInt8] {
  let result = bytes.withUnsafeBytes { view in
    Result { () throws(WireError) in try body(view) }
  }
  return try result.get()
}
