import Dispatch
import Foundation

/// SIGINT and SIGTERM, caught from `init` on. The second one ends the process at once.
struct TerminationSignal {
  private let arrivals: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  init() {
    let (arrivals, continuation) = AsyncStream.makeStream(of: Void.self)
    self.arrivals = arrivals
    sources = [SIGINT, SIGTERM].map { number in
      // The default action would end the process before the source sees the signal.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        signal(number, SIG_DFL)
        continuation.yield()
      }
      source.activate()
      return source
    }
  }

  /// Returns when the first has arrived.
  func wait() async {
    for await _ in arrivals { break }
  }
}
