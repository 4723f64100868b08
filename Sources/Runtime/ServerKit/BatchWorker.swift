import Dispatch
import NIOCore
import OffloadWire
import Schemes
import Synchronization

/// Runs one bundle's requests, off the event loops: whatever waits is run together, and nothing
/// waits for more to come.
final class BatchWorker: Sendable {
  private struct State {
    var waiting: [InferenceRequest] = []
    var isScheduled = false
  }

  private let state = Mutex(State())
  private let queue: DispatchQueue
  private let capacity: Int
  private let statistics: StatisticsCounter
  private let now: @Sendable () -> NIODeadline

  /// - Parameters:
  ///   - label: names the worker's queue for debuggers.
  ///   - capacity: requests that wait at most, those that run not counted.
  ///   - now: the clock that stage times are read from.
  init(
    label: String, capacity: Int, statistics: StatisticsCounter,
    now: @escaping @Sendable () -> NIODeadline
  ) {
    queue = DispatchQueue(label: label, qos: .userInitiated)
    self.capacity = capacity
    self.statistics = statistics
    self.now = now
  }

  /// Takes a request in; its `deliver` is called once, on another thread, unless the request is
  /// withdrawn before it runs. False, and nothing is called, if the queue is full.
  func submit(_ request: InferenceRequest) -> Bool {
    let (accepted, schedule) = state.withLock { state in
      guard state.waiting.count < capacity else { return (false, false) }
      state.waiting.append(request)
      defer { state.isScheduled = true }
      return (true, !state.isScheduled)
    }
    if schedule {
      queue.async { self.runAll() }
    }
    return accepted
  }

  /// Takes a request out again whose device has left. One that runs already is delivered to nobody.
  func withdraw(_ id: InferenceRequest.ID) {
    let found = state.withLock { state in
      let count = state.waiting.count
      state.waiting.removeAll { $0.id == id }
      return state.waiting.count < count
    }
    if found { statistics.update { $0.abandoned += 1 } }
  }

  /// Calls `body` once what was taken in so far has been run.
  func whenIdle(_ body: @escaping @Sendable () -> Void) {
    queue.async(execute: body)
  }

  private func runAll() {
    while let batch = nextBatch() {
      run(batch)
    }
  }

  /// The oldest request and those behind it that the same path can run with it.
  private func nextBatch() -> [InferenceRequest]? {
    state.withLock { state in
      guard let path = state.waiting.first?.path else {
        state.isScheduled = false
        return nil
      }
      var batch: [InferenceRequest] = []
      state.waiting.removeAll { request in
        guard request.path.number == path.number, batch.count < path.maximumBatch else {
          return false
        }
        batch.append(request)
        return true
      }
      return batch
    }
  }

  private func run(_ requests: [InferenceRequest]) {
    var decoded: [(request: InferenceRequest, decodeTime: TimeAmount)] = []
    var inputs: [String: [Float]] = [:]
    for request in requests {
      let start = now()
      do {
        let tensors = try request.payload.withUnsafeReadableBytes {
          try request.path.scheme.decode($0)
        }
        for (name, values) in tensors { inputs[name, default: []] += values }
        decoded.append((request, now() - start))
      } catch {
        request.deliver(.failure(Refusal(.undecodable, "\(error)")))
      }
    }
    guard let path = decoded.first?.request.path else { return }
    statistics.update {
      $0.batches += 1
      $0.largestBatch = max($0.largestBatch, decoded.count)
    }
    let start = now()
    let answers = path.run(inputs, batch: decoded.count)
    let runTime = now() - start
    for ((request, decodeTime), answer) in zip(decoded, answers) {
      request.deliver(
        answer.map { logits in
          Answer(
            logits: logits,
            // Whatever passed since the request was there and was not its own decoding.
            queueMicroseconds: microseconds(start - request.arrival - decodeTime),
            decodeMicroseconds: microseconds(decodeTime),
            runMicroseconds: microseconds(runTime))
        })
    }
  }
}

/// A duration as the wire has it: whole microseconds, rounded, at most what 32 bits hold.
private func microseconds(_ time: TimeAmount) -> UInt32 {
  UInt32(clamping: (time.nanoseconds + 500) / 1_000)
}
