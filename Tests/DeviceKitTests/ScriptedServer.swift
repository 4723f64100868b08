import Connection
import OffloadWire
import Synchronization

@testable import DeviceKit

/// A server that is a closure: a whole request in, a whole frame out, which really takes five
/// milliseconds of the test's own clock.
final class ScriptedServer: ServerConnection {
  /// What came in a request's frames.
  struct Request {
    let id: UInt32
    let path: UInt8
    var payload: [UInt8]
    /// nil: the payload was cut.
    var symbols: UInt32?
  }

  /// What every answer is said to have taken on the wall clock.
  static let elapsed = Duration.microseconds(5000)

  private struct State {
    var open: Request?
    var seen: [Request] = []
    var answers: [Result<[UInt8], ConnectionError>] = []
    var cancelled: [UInt32] = []
    var isClosed = false
  }

  private let clock: SleepingClock?
  private let answer: @Sendable (Request) throws(ConnectionError) -> [UInt8]
  private let state = Mutex(State())

  /// - Parameter clock: moves by ``elapsed`` with each answer.
  init(
    clock: SleepingClock? = nil,
    _ answer: @escaping @Sendable (Request) throws(ConnectionError) -> [UInt8]
  ) {
    self.clock = clock
    self.answer = answer
  }

  /// The requests that were ended so far.
  var requests: [Request] { state.withLock { $0.seen } }
  /// The requests that were withdrawn so far.
  var cancelled: [UInt32] { state.withLock { $0.cancelled } }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  func send(_ bytes: [UInt8]) {
    state.withLock { state in
      bytes.withUnsafeBytes { bytes in
        var start = 0
        while start < bytes.count {
          let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
          guard case .frame(let header)? = try? Framer(maximumBodyLength: 1 << 20).next(in: rest)
          else { preconditionFailure("the device sends whole frames") }
          take(header.type, UnsafeRawBufferPointer(rebasing: rest[header.body]), &state)
          start += header.frameSize
        }
      }
    }
  }

  private func take(_ type: FrameType, _ body: UnsafeRawBufferPointer, _ state: inout State) {
    switch type {
    case .infer:
      if let infer = try? Infer(decoding: body) {
        state.open = Request(id: infer.id, path: infer.path, payload: [])
      }
    case .chunk:
      if let chunk = try? Chunk(decoding: body) { state.open?.payload += chunk.payload }
    case .end:
      guard let end = try? End(decoding: body), var request = state.open else { return }
      request.payload += end.payload
      request.symbols = end.symbolCount
      state.seen.append(request)
      let answer = answer
      state.answers.append(
        Result { () throws(ConnectionError) in try answer(request) })
    case .cancel:
      if let cancel = try? Cancel(decoding: body) { state.cancelled.append(cancel.id) }
    default: preconditionFailure("a device sends no such frame")
    }
  }

  func next(within wait: Duration) async throws(ConnectionError) -> [UInt8] {
    clock?.advance(by: Self.elapsed)
    let answer = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
    guard let answer else { throw .timedOut(seconds: 10) }
    return try answer.get()
  }

  func close() async { state.withLock { $0.isClosed = true } }

  /// A whole prediction frame.
  static func prediction(
    id: UInt32, logits: [Int8], scale: Float = 0.5, symbolsUsed: UInt32 = 80,
    times: (queue: UInt32, decode: UInt32, run: UInt32) = (90, 35, 840)
  ) -> [UInt8] {
    logits.withUnsafeBytes { bytes in
      let frame = try? Prediction(
        id: id, symbolsUsed: symbolsUsed, scale: scale, queueMicroseconds: times.queue,
        decodeMicroseconds: times.decode, runMicroseconds: times.run, logits: bytes
      ).encoded()
      guard let frame else { preconditionFailure("a prediction that cannot be written") }
      return frame
    }
  }
}
