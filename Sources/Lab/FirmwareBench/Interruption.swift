import Dispatch
import Foundation

/// SIGINT and SIGTERM, caught from `init` on: they end the emulator that is running, after which the
/// bench clears up, and where none is running this process. QEMU would go on, for it is in a process
/// group of its own.
public final class Interruption: @unchecked Sendable {
  private let lock = NSLock()
  private var sources: [any DispatchSourceSignal] = []
  private var emulator: pid_t?
  private var arrived: Int32?

  public init() {
    sources = [SIGINT, SIGTERM].map { number in
      // The default action would end the process before the source sees the signal.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.arrive(number) }
      source.activate()
      return source
    }
  }

  /// The signal that came while an emulator ran.
  var signalNumber: Int32? { lock.withLock { arrived } }

  /// Names the process that a signal is to end; nil when it has ended.
  func watch(_ process: pid_t?) {
    lock.withLock { emulator = process }
  }

  private func arrive(_ number: Int32) {
    let process = lock.withLock {
      arrived = number
      return emulator
    }
    guard let process else {
      signal(number, SIG_DFL)
      raise(number)
      return
    }
    kill(process, SIGKILL)
  }
}
