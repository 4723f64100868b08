/// The exit statuses of the command lines, after BSD's `sysexits.h`.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// The command line is wrong.
  case usage = 64
  /// An input's content is wrong.
  case badData = 65
  /// An input is not there or cannot be read.
  case missingInput = 66
  /// The server cannot be reached at the start.
  case unreachable = 69
  /// The port cannot be bound.
  case cannotBind = 73
  /// Standard output takes no more: its disk is full, or its reader is gone.
  case outputLost = 74
  /// The server was lost in mid-run.
  case lost = 75
  /// Device and server have different bundles.
  case mismatch = 76
}
