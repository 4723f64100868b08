import OffloadWire

/// What a test wants to know of the server's frame.
enum Reply: Equatable {
  case welcome(maximumBodyLength: UInt32)
  case prediction(id: UInt32, symbolsUsed: UInt32, scale: Float, logits: [Int8])
  case refusal(id: UInt32, RefusalCode)
  case pong(UInt64)
  case error(WireErrorCode)
  case closed
  case other

  init(_ frame: RawClient.Frame?) throws {
    guard let frame else {
      self = .closed
      return
    }
    self = try frame.body.withUnsafeBytes { body in
      switch FrameType(rawValue: frame.type) {
      case .welcome: .welcome(maximumBodyLength: try Welcome(decoding: body).maximumBodyLength)
      case .prediction: Self.prediction(try Prediction(decoding: body))
      case .refusal: Self.refusal(try Refusal(decoding: body))
      case .pong: .pong(try Pong(decoding: body).nonce)
      case .error: .error(try ErrorFrame(decoding: body).code)
      default: .other
      }
    }
  }

  /// The prediction that the fake network of that bias owes for these first symbols of an image.
  static func expected(
    id: UInt32, symbols: [UInt8], of bundle: TestBundle, bias: Float = 0
  ) throws -> Reply {
    let features = (0..<TestBundle.symbolCount).map { index in
      index < symbols.count ? Float(symbols[index]) * bundle.step : TestBundle.missing(index)
    }
    guard let logits = QuantisedLogits(FakeNetwork.logits(features, bias: bias)) else {
      return .other
    }
    return .prediction(
      id: id, symbolsUsed: UInt32(symbols.count), scale: logits.scale, logits: logits.values)
  }

  private static func prediction(_ frame: Prediction) -> Reply {
    .prediction(
      id: frame.id, symbolsUsed: frame.symbolsUsed, scale: frame.scale,
      logits: frame.logits.map { Int8(bitPattern: $0) })
  }

  private static func refusal(_ frame: Refusal) -> Reply {
    .refusal(id: frame.id, frame.code)
  }
}

extension RawClient {
  func reply() async throws -> Reply { try Reply(await receiveFrame()) }

  /// Sends and reads one answer.
  func ask(_ bytes: [UInt8]) async throws -> Reply {
    try await send(bytes)
    return try await reply()
  }
}
