package import Connection
import DeviceKit
import Foundation
package import OffloadWire

/// A server that answers by a script, for runs of the emulated device: no network, no clock, and the
/// same bytes every time.
package final class RehearsedServer: ServerConnection, @unchecked Sendable {
  /// What becomes of a request.
  package enum Reply: Sendable {
    /// A prediction with random logits, of all symbols that came.
    case prediction
    /// The server refuses it.
    case refusal(RefusalCode)
    /// The connection breaks instead of an answer.
    case lost
    /// An error frame, which ends the connection.
    case error
    /// A prediction with a logit more than there are classes.
    case wrongLogits
    /// A prediction for a request that nobody made.
    case foreign
    /// A prediction of more symbols than there are.
    case impossibleCount
    /// Bytes that are no frame of the protocol's.
    case malformed
  }

  private let lock = NSLock()
  private let classes: Int
  private let symbols: Int
  private let script: [Reply]
  private var predictions: RandomPredictions
  private var owed: [UInt8]?
  private var isBroken = false
  private var requests: Int

  /// - Parameters:
  ///   - symbols: of a whole payload.
  ///   - script: what becomes of the requests, one after another, and again from the start.
  ///   - first: where in the script it begins.
  package init(
    classes: Int, symbols: Int, script: [Reply] = [.prediction], startingAt first: Int = 0,
    seed: UInt64
  ) {
    precondition(!script.isEmpty)
    self.classes = classes
    self.symbols = symbols
    self.script = script
    requests = first
    predictions = RandomPredictions(seed: seed)
  }

  package func send(_ bytes: [UInt8]) {
    lock.withLock {
      bytes.withUnsafeBytes { bytes in
        let framer = Framer(maximumBodyLength: bytes.count)
        var start = 0
        while start < bytes.count {
          let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
          guard case .frame(let header)? = try? framer.next(in: rest) else { return }
          take(header, UnsafeRawBufferPointer(rebasing: rest[header.body]))
          start += header.frameSize
        }
      }
    }
  }

  package func next(within wait: Duration) async throws(ConnectionError) -> [UInt8] {
    let frame = lock.withLock {
      defer { owed = nil }
      return isBroken ? nil : owed
    }
    guard let frame else { throw .lost(reason: "the script says so") }
    return frame
  }

  package func close() async { lock.withLock { isBroken = true } }

  private func take(_ header: FrameHeader, _ body: UnsafeRawBufferPointer) {
    switch header.type {
    case .cancel: owed = nil
    case .end:
      guard let end = try? End(decoding: body) else { return }
      owed = reply(to: end.id, symbols: Int(end.symbolCount ?? UInt32(symbols / 3)))
      requests += 1
    default: break
    }
  }

  private func reply(to request: UInt32, symbols used: Int) -> [UInt8]? {
    switch script[requests % script.count] {
    case .prediction: prediction(request, symbols: used, classes: classes)
    case .wrongLogits: prediction(request, symbols: used, classes: classes + 1)
    case .foreign: prediction(request &+ 1000, symbols: used, classes: classes)
    case .impossibleCount: prediction(request, symbols: symbols + 1, classes: classes)
    case .refusal(let code):
      try? Refusal.encoded(id: request, code: code, retryAfterMilliseconds: 5, text: "no")
    case .error: try? ErrorFrame.encoded(code: .outOfOrder, text: "no")
    case .malformed: [3, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]
    case .lost: nil
    }
  }

  private func prediction(_ request: UInt32, symbols: Int, classes: Int) -> [UInt8]? {
    try? predictions.frame(for: request, symbols: symbols, classes: classes)
  }

  /// Whether the connection is gone: the device connects anew.
  package var isGone: Bool { lock.withLock { isBroken } }
}
