import Connection
import OffloadWire
import SeededRandom
import Synchronization

@testable import DeviceKit

/// A server in this process that keeps to the protocol, knows which image each request is of, and has
/// faults by seed.
///
/// Its prediction for image n is class n mod 10: an answer that is another image's shows.
final class FaultyServer: ServerConnection {
  /// How often each fault happens, 0 to 1.
  struct Faults {
    /// The connection is gone when the request's end arrives.
    var lost = 0.0
    /// The answer to the request before comes once more, ahead of this one's.
    var duplicate = 0.0
    /// The request is refused.
    var busy = 0.0
  }

  private struct State {
    var generator: SplitMix64
    var image = 0
    var isClosed = false
    var answers: [[UInt8]] = []
    var request: (id: UInt32, image: Int)?
    var last: [UInt8]?
    var payload: [UInt8] = []
  }

  private let state: Mutex<State>
  private let faults: Faults

  init(seed: UInt64, faults: Faults = Faults()) {
    state = Mutex(State(generator: SplitMix64(seed: seed)))
    self.faults = faults
  }

  /// The image that is before the camera from now on.
  func show(_ image: Int) { state.withLock { $0.image = image } }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  func send(_ bytes: [UInt8]) {
    state.withLock { state in
      bytes.withUnsafeBytes { bytes in
        var start = 0
        while start < bytes.count {
          let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
          guard case .frame(let header)? = try? Framer(maximumBodyLength: 1 << 20).next(in: rest)
          else {
            state.isClosed = true
            return
          }
          take(header.type, UnsafeRawBufferPointer(rebasing: rest[header.body]), &state)
          start += header.frameSize
        }
      }
    }
  }

  private func take(_ type: FrameType, _ body: UnsafeRawBufferPointer, _ state: inout State) {
    switch type {
    case .infer:
      guard let infer = try? Infer(decoding: body) else {
        state.isClosed = true
        return
      }
      state.request = (infer.id, state.image)
      state.payload = []
    case .chunk:
      guard let chunk = try? Chunk(decoding: body), chunk.id == state.request?.id else {
        state.isClosed = true
        return
      }
      state.payload += chunk.payload
    case .end:
      guard let end = try? End(decoding: body), let request = state.request,
        end.id == request.id
      else {
        state.isClosed = true
        return
      }
      state.payload += end.payload
      answer(request, symbols: end.symbolCount, &state)
    case .cancel:
      guard let cancel = try? Cancel(decoding: body), cancel.id == state.request?.id else {
        state.isClosed = true
        return
      }
    default: state.isClosed = true
    }
  }

  private func answer(_ request: (id: UInt32, image: Int), symbols: UInt32?, _ state: inout State) {
    if state.generator.unit() < faults.lost {
      state.isClosed = true
      return
    }
    if state.generator.unit() < faults.duplicate, let last = state.last {
      state.answers.append(last)
    }
    if state.generator.unit() < faults.busy || (symbols == nil && state.payload.isEmpty) {
      if let refusal = try? Refusal.encoded(id: request.id, code: .busy, text: "later") {
        state.answers.append(refusal)
      }
      return
    }
    var logits = [Int8](repeating: -20, count: 10)
    logits[request.image % 10] = 120
    // A cut payload of n bytes holds some symbols; how many does not matter here.
    let used = symbols ?? UInt32(min(79, state.payload.count))
    let frame = logits.withUnsafeBytes { bytes in
      try? Prediction(
        id: request.id, symbolsUsed: used, scale: 1, queueMicroseconds: 0, decodeMicroseconds: 0,
        runMicroseconds: 0, logits: bytes
      ).encoded()
    }
    guard let frame else { return }
    state.answers.append(frame)
    state.last = frame
  }

  func next(within wait: Duration) async throws(ConnectionError) -> [UInt8] {
    let frame: [UInt8]? = state.withLock { state in
      state.isClosed || state.answers.isEmpty ? nil : state.answers.removeFirst()
    }
    guard let frame else { throw .lost(reason: "it closed the connection") }
    return frame
  }

  func close() async { state.withLock { $0.isClosed = true } }
}
