import Foundation
import OffloadWire

extension ServerConfiguration {
  /// Reads a token from a file; line ends and blanks at its end do not count.
  ///
  /// - Throws: `ServerError` when the file is not there, or holds no token or one that is longer
  ///   than a hello can carry.
  public static func token(in file: URL) throws -> [UInt8] {
    guard let data = try? Data(contentsOf: file) else {
      throw ServerError.missingTokenFile(path: file.path)
    }
    let end = data.lastIndex { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
    let token = end.map { [UInt8](data[...$0]) } ?? []
    guard !token.isEmpty, token.count <= WireProtocol.maximumTokenLength else {
      throw ServerError.unusableToken(path: file.path, count: token.count)
    }
    return token
  }
}

/// The secret that a device's hello must carry.
struct Token: Sendable {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Compares in a time that depends on the presented bytes' count alone, so that nobody can feel
  /// the way to the token by timing refusals.
  func matches(_ presented: some Collection<UInt8>) -> Bool {
    var difference: UInt8 = presented.count == bytes.count && !bytes.isEmpty ? 0 : 1
    var index = 0
    for byte in presented {
      difference |= byte ^ (bytes.isEmpty ? 0 : bytes[index % bytes.count])
      index += 1
    }
    return difference == 0
  }
}
