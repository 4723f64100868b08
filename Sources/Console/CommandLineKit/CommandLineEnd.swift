import ArgumentParser
public import ExitStatus
import Foundation

/// How a command of ours ends: nothing more to say, or one line on standard error and the status
/// that goes with it.
public enum CommandLineEnd {
  /// Runs a command's work.
  ///
  /// - Parameter command: the name that the line begins with.
  /// - Throws: `ExitCode`, when the line has been written.
  public static func run(_ command: String, _ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let exit as ExitCode {
      throw exit
    } catch {
      warn(command, ["\(error)"])
      throw ExitCode((error as? any ExitStatusProviding)?.exitStatus ?? Self.internalFailure)
    }
  }

  /// Writes lines to standard error, each begun with the command's name.
  public static func warn(_ command: String, _ lines: [String]) {
    for line in lines {
      FileHandle.standardError.write(Data("\(command): \(line)\n".utf8))
    }
  }

  /// EX_SOFTWARE: an error that nobody thought of.
  private static let internalFailure: Int32 = 70
}

/// Standard output, whose reader may go away.
public enum StandardOutput {
  /// - Throws: ``OutputClosed``.
  public static func write(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw OutputClosed()
    }
  }
}

/// What reads our output reads no longer, or the disk is full.
public struct OutputClosed: Error, CustomStringConvertible, ExitStatusProviding {
  public var description: String { "standard output cannot be written" }
  public var exitStatus: Int32 { ExitStatus.outputLost.rawValue }
}
