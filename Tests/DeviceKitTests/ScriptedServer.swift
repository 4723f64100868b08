import OffloadWire
import Schemes
import Synchronization

@testable import Link

/// A link whose far end is a closure: whole frame in, whole frame out, with fixed times.
final class ScriptedServer: OffloadLink {
  /// What came in an infer frame.
  struct Request {
    let id: UInt32
    let path: UInt8
    let payload: [UInt8]
  }

  static let uplink = 1000.4
  static let downlink = 50.6
  /// What every answer is said to have taken on the wall clock, µs.
  static let elapsed = 5000.0

  private let answer: @Sendable (Request) throws -> [UInt8]
  private let seen = Mutex<[Request]>([])

  init(_ answer: @escaping @Sendable (Request) throws -> [UInt8]) {
    self.answer = answer
  }

  /// The requests so far.
  var requests: [Request] { seen.withLock { $0 } }

  func exchange(
    _ frame: [UInt8], serverMicroseconds: @Sendable ([UInt8], Double) -> Double
  ) async throws -> Exchange {
    let request = try frame.withUnsafeBytes { bytes in
      let header = try FrameHeader(decoding: bytes)
      let body = UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.size...])
      guard header.type == .infer, Int(header.bodyLength) == body.count else {
        throw LinkError.protocolViolation(reason: "no infer frame")
      }
      let infer = try Infer(decoding: body)
      return Request(id: infer.id, path: infer.path, payload: Array(infer.payload))
    }
    seen.withLock { $0.append(request) }
    let reply = try answer(request)
    return Exchange(
      reply: reply, elapsedMicroseconds: Self.elapsed, uplinkMicroseconds: Self.uplink,
      serverMicroseconds: serverMicroseconds(reply, Self.elapsed),
      downlinkMicroseconds: Self.downlink,
      uplinkAirMicroseconds: Self.uplink, downlinkAirMicroseconds: Self.downlink)
  }

  /// A whole prediction frame.
  static func prediction(
    id: UInt32, logits: [Int8], scale: Float = 0.5, complete: Bool = true,
    times: (queue: UInt32, decode: UInt32, run: UInt32) = (90, 35, 840)
  ) throws -> [UInt8] {
    try logits.withUnsafeBytes { bytes in
      try Prediction(
        id: id, complete: complete, scale: scale, queueMicroseconds: times.queue,
        decodeMicroseconds: times.decode, runMicroseconds: times.run, logits: bytes
      ).encoded()
    }
  }
}
