import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Progress on standard error: one line that is written over, and only where a person watches.
public final class StatusLine {
  private let isWatched: Bool
  private let write: (String) -> Void
  private var nextUpdate: Double = 0
  private var isDirty = false

  /// - Parameters:
  ///   - isWatched: `nil` asks whether standard error is a terminal.
  ///   - write: where the text goes; standard error unless a test takes it.
  public init(isWatched: Bool? = nil, write: ((String) -> Void)? = nil) {
    self.isWatched = isWatched ?? (isatty(2) == 1)
    self.write = write ?? { FileHandle.standardError.write(Data($0.utf8)) }
  }

  /// Shows `text()` if the line is watched and a tenth of a second has gone by since it last changed.
  ///
  /// - Parameter seconds: a clock that only goes forward.
  public func update(at seconds: Double, _ text: () -> String) {
    guard isWatched, seconds >= nextUpdate else { return }
    nextUpdate = seconds + 0.1
    isDirty = true
    write("\r\u{1B}[K" + text())
  }

  /// Wipes the line, so that other output stands alone.
  public func clear() {
    guard isDirty else { return }
    isDirty = false
    write("\r\u{1B}[K")
  }

  /// Writes a line that stays.
  public func note(_ text: String) {
    clear()
    write(text + "\n")
  }
}
