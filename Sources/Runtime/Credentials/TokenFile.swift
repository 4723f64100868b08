import BundleFormat
public import ExitStatus
public import Foundation
import OffloadWire

/// The file that holds the token which a device presents and a server wants.
public enum TokenFile {
  /// Reads a token; line ends and blanks at the file's end do not count.
  ///
  /// - Returns: 1 to `WireProtocol.maximumTokenLength` bytes.
  /// - Throws: ``TokenFileError``.
  public static func read(_ file: URL) throws(TokenFileError) -> [UInt8] {
    let data: Data
    do {
      data = try BoundedFile.read(file.path, limit: largestFile)
    } catch .tooLong {
      throw .unusable(path: file.path, count: nil)
    } catch {
      throw .missing(path: file.path)
    }
    let end = data.lastIndex { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
    let token = end.map { [UInt8](data[...$0]) } ?? []
    guard !token.isEmpty, token.count <= WireProtocol.maximumTokenLength else {
      throw .unusable(path: file.path, count: token.count)
    }
    return token
  }

  /// Room for a token and the line ends after it.
  private static let largestFile = 4096
}

/// Why there is no token.
public enum TokenFileError: Error, Equatable, Sendable {
  /// There is no such file, or it cannot be read.
  case missing(path: String)
  /// A token that is empty or too long for a hello.
  ///
  /// - Parameter count: `nil` where the file is longer than any token.
  case unusable(path: String, count: Int?)
}

extension TokenFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path): "\(path): no such token file"
    case .unusable(let path, let count):
      "\(path): the token has \(count.map(String.init) ?? "too many") bytes, and 1 to \(WireProtocol.maximumTokenLength) can be sent"
    }
  }
}

extension TokenFileError: ExitStatusProviding {
  public var exitStatus: Int32 {
    switch self {
    case .missing: 66
    case .unusable: 65
    }
  }
}
