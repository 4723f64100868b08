import OffloadWire

/// A frame with its views turned into arrays, so that it can be compared and outlive its bytes.
enum DecodedFrame: Equatable {
  case hello(version: UInt16, digest: BundleDigest, token: [UInt8])
  case welcome(Welcome)
  case infer(Infer)
  case chunk(id: UInt32, payload: [UInt8])
  case end(id: UInt32, symbolCount: UInt32?, payload: [UInt8])
  case cancel(Cancel)
  case prediction(
    id: UInt32, symbolsUsed: UInt32, scale: Float, times: [UInt32], logits: [UInt8])
  case refusal(id: UInt32, RefusalCode, retryAfter: UInt32, message: [UInt8])
  case error(WireErrorCode, message: [UInt8])
  case ping(Ping)
  case pong(Pong)

  /// Decodes the frame that the bytes begin with, as a receiver does.
  init(_ bytes: [UInt8], maximumBodyLength: Int = 1 << 20) throws(WireError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(WireError) in
        switch try Framer(maximumBodyLength: maximumBodyLength).next(in: bytes) {
        case .incomplete(_, let missing):
          throw WireError.truncated(expected: bytes.count + missing, found: bytes.count)
        case .frame(let header):
          return try DecodedFrame(
            header.type, body: UnsafeRawBufferPointer(rebasing: bytes[header.body]))
        }
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
    case .infer: self = .infer(try Infer(decoding: body))
    case .chunk:
      let frame = try Chunk(decoding: body)
      self = .chunk(id: frame.id, payload: Array(frame.payload))
    case .end:
      let frame = try End(decoding: body)
      self = .end(id: frame.id, symbolCount: frame.symbolCount, payload: Array(frame.payload))
    case .cancel: self = .cancel(try Cancel(decoding: body))
    case .prediction:
      let frame = try Prediction(decoding: body)
      self = .prediction(
        id: frame.id, symbolsUsed: frame.symbolsUsed, scale: frame.scale,
        times: [frame.queueMicroseconds, frame.decodeMicroseconds, frame.runMicroseconds],
        logits: Array(frame.logits))
    case .refusal:
      let frame = try Refusal(decoding: body)
      self = .refusal(
        id: frame.id, frame.code, retryAfter: frame.retryAfterMilliseconds,
        message: Array(frame.message))
    case .error:
      let frame = try ErrorFrame(decoding: body)
      self = .error(frame.code, message: Array(frame.message))
    case .ping: self = .ping(try Ping(decoding: body))
    case .pong: self = .pong(try Pong(decoding: body))
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
    case .infer(let frame): try frame.encoded()
    case .chunk(let id, let payload):
      try withView(of: payload) { view throws(WireError) in
        try Chunk(id: id, payload: view).encoded()
      }
    case .end(let id, let symbolCount, let payload):
      try withView(of: payload) { view throws(WireError) in
        try End(id: id, symbolCount: symbolCount, payload: view).encoded()
      }
    case .cancel(let frame): try frame.encoded()
    case .prediction(let id, let symbolsUsed, let scale, let times, let logits):
      try withView(of: logits) { view throws(WireError) in
        try Prediction(
          id: id, symbolsUsed: symbolsUsed, scale: scale, queueMicroseconds: times[0],
          decodeMicroseconds: times[1], runMicroseconds: times[2], logits: view
        ).encoded()
      }
    case .refusal(let id, let code, let retryAfter, let message):
      try withView(of: message) { view throws(WireError) in
        try Refusal(id: id, code: code, retryAfterMilliseconds: retryAfter, message: view)
          .encoded()
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

private func withView(
  of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(WireError) -> [UInt8]
) throws(WireError) -> [UInt8] {
  let result = bytes.withUnsafeBytes { view in
    Result { () throws(WireError) in try body(view) }
  }
  return try result.get()
}
