import OffloadWire

/// What the server's work on an answer counts in emulated time.
struct ServerTimes {
  /// In their order, in microseconds.
  let stages: [(Span.Stage, Double)]

  var total: Double { stages.reduce(0) { $0 + $1.1 } }

  /// - Parameters:
  ///   - frame: the server's answer.
  ///   - elapsedMicroseconds: how long it really took.
  /// - Throws: ``OffloadFailure`` where the server says that it worked longer than its answer took.
  init(
    of frame: [UInt8], serverTime: ServerTime, elapsedMicroseconds: Double
  ) throws(OffloadFailure) {
    if case .pinned(let microseconds) = serverTime {
      stages = [(.run, Double(microseconds))]
      return
    }
    guard let times = Self.measured(frame) else {
      // What is no prediction took no time that anybody measured.
      stages = []
      return
    }
    // A millisecond and a thousandth are left for rounding and for clocks that do not run alike.
    let sum = times.reduce(0) { $0 + $1.1 }
    guard sum <= elapsedMicroseconds + elapsedMicroseconds / 1000 + 1000 else {
      throw OffloadFailure(
        "the server says that it worked \(Int(sum)) us, which is longer than its answer took")
    }
    stages = times
  }

  private static func measured(_ frame: [UInt8]) -> [(Span.Stage, Double)]? {
    frame.withUnsafeBytes { bytes in
      guard let header = try? FrameHeader(decoding: bytes), header.type == .prediction,
        header.frameSize == bytes.count,
        let answer = try? Prediction(decoding: UnsafeRawBufferPointer(rebasing: bytes[header.body]))
      else { return nil }
      return [
        (.queue, Double(answer.queueMicroseconds)), (.decode, Double(answer.decodeMicroseconds)),
        (.run, Double(answer.runMicroseconds)),
      ]
    }
  }
}
