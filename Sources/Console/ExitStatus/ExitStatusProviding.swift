/// An error that a command line ends on, with the status it exits with.
public protocol ExitStatusProviding: Error {
  /// One of ``ExitStatus``'s values, as the shell sees it.
  var exitStatus: Int32 { get }
}
