import OffloadWire

/// What the server's answer to an infer frame turned out to be.
enum AnswerFrame {
  /// Takes a whole frame apart; the prediction's logits are a view of its bytes.
  ///
  /// - Throws: ``OffloadFailure`` where it is not a prediction, or not one for this request.
  static func prediction(
    in frame: UnsafeRawBufferPointer, request: UInt32, classes: Int
  ) throws(OffloadFailure) -> Prediction {
    do {
      let header = try FrameHeader(decoding: frame)
      let body = UnsafeRawBufferPointer(rebasing: frame[FrameHeader.size...])
      guard body.count == Int(header.bodyLength) else {
        throw WireError.truncated(expected: Int(header.bodyLength), found: body.count)
      }
      switch header.type {
      case .prediction: return try checked(Prediction(decoding: body), request, classes)
      case .error: throw refusal(try ErrorFrame(decoding: body))
      default: throw OffloadFailure("the server answered with a frame of type \(header.type)")
      }
    } catch let failure as OffloadFailure {
      throw failure
    } catch {
      throw OffloadFailure("the server answered with a malformed frame: \(error)")
    }
  }

  /// What the server says that it took for this answer, all stages together.
  static func serverMicroseconds(of prediction: Prediction) -> Int {
    Int(prediction.queueMicroseconds) + Int(prediction.decodeMicroseconds)
      + Int(prediction.runMicroseconds)
  }

  /// Whether the server can have taken as long as it says.
  ///
  /// It cannot have worked longer than its answer took; a millisecond and a thousandth are left for
  /// rounding and for clocks that do not run alike.
  static func isCredible(_ prediction: Prediction, elapsedMicroseconds: Double) -> Bool {
    let slack = elapsedMicroseconds / 1000 + 1000
    return Double(serverMicroseconds(of: prediction)) <= elapsedMicroseconds + slack
  }

  private static func checked(
    _ prediction: Prediction, _ request: UInt32, _ classes: Int
  ) throws(OffloadFailure) -> Prediction {
    guard prediction.id == request else {
      throw OffloadFailure("the server answered request \(prediction.id), not \(request)")
    }
    guard prediction.logits.count == classes else {
      throw OffloadFailure(
        "the server answered with \(prediction.logits.count) logits for \(classes) classes")
    }
    // The largest logit must stay finite as float32, or sums of infinities would decide.
    guard (prediction.scale * 128).isFinite else {
      throw OffloadFailure("the server answered with logits out of range")
    }
    return prediction
  }

  private static func refusal(_ error: ErrorFrame) -> OffloadFailure {
    OffloadFailure(
      "the server answered with an error (\(error.code)): \(error.text)",
      linkSurvives: !error.code.closesConnection)
  }
}
