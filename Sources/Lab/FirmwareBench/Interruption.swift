import Dispatch
import Foundation

/// SIGINT, SIGTERM and SIGHUP, caught from `init` on. While the bench works they end its emulator, which
/// is in a process group of its own and would go on, and the bench clears up; at all other times they
/// end this process, as they would without us.
public final class Interruption: @unchecked Sendable {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  private let lock = NSLock()
  private var sources: [any DispatchSourceSignal] = []
  private var isWorking = false
  private var emulator: pid_t?
  private var arrived: Int32?

  public init() {
    sources = Self.signals.map { number in
      // The default action would end the process before the source sees the signal.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.arrive(number) }
      source.activate()
      return source
    }
  }

  /// The work that must be cleared up after begins.
  func begin() {
    lock.withLock { isWorking = true }
  }

  /// It has been cleared up.
  ///
  /// - Throws: ``BenchError/interrupted(signal:)`` where a signal came meanwhile.
  func end() throws(BenchError) {
    lock.withLock { isWorking = false }
    try check()
  }

  /// - Throws: ``BenchError/interrupted(signal:)`` where a signal came while the bench worked.
  func check() throws(BenchError) {
    if let number = lock.withLock({ arrived }) { throw .interrupted(signal: number) }
  }

  /// Names the process that a signal is to end, now if it came before; nil when it has ended.
  func watch(_ process: pid_t?) {
    lock.withLock {
      emulator = process
      if arrived != nil, let process { kill(process, SIGKILL) }
    }
  }

  private func arrive(_ number: Int32) {
    lock.withLock {
      guard isWorking else {
        signal(number, SIG_DFL)
        // Not `raise`: the queue's thread has all signals blocked.
        kill(getpid(), number)
        return
      }
      arrived = number
      if let emulator { kill(emulator, SIGKILL) }
    }
  }
}
