import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A TCP connection of plain sockets, so that the server is not tested against its own library. Each
/// call runs on a thread of the client's, so that no test holds up the others.
final class RawClient: Sendable {
  private let socket: Int32
  private let queue = DispatchQueue(label: "client")

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Connects to loopback; nothing waits longer than ten seconds.
  init(port: Int) throws {
    #if canImport(Glibc)
      socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    let result = Self.loopback(port).withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        connect(socket, $0.baseAddress, socklen_t(bytes.count))
      }
    }
    guard result == 0 else { throw Failure(description: "no connection: errno \(errno)") }
  }

  deinit {
    close(socket)
  }

  /// A `sockaddr_in` of 127.0.0.1, as bytes: more than one module of a test claims the type's fields.
  private static func loopback(_ port: Int) -> [UInt8] {
    #if canImport(Glibc)
      let family: [UInt8] = [UInt8(AF_INET), 0]
    #else
      let family: [UInt8] = [16, UInt8(AF_INET)]
    #endif
    return family + [UInt8(port >> 8), UInt8(port & 255), 127, 0, 0, 1]
      + [UInt8](repeating: 0, count: 8)
  }

  func send(_ bytes: [UInt8]) async throws {
    try await perform { socket in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw Failure(description: "cannot send: errno \(errno)") }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Says that nothing more will be sent.
  func finishSending() async throws {
    try await perform { socket in
      _ = shutdown(socket, Int32(SHUT_WR))
    }
  }

  /// Exactly so many bytes.
  func receive(_ count: Int) async throws -> [UInt8] {
    try await perform { socket in try Self.receive(count, socket) }
  }

  /// The next whole frame; nil if the server closed the connection instead.
  func receiveFrame() async throws -> Frame? {
    try await perform { socket in
      let header: [UInt8]
      do { header = try Self.receive(8, socket) } catch is Ended { return nil }
      let length = (4..<8).reduce(0) { $0 | Int(header[$1]) << (8 * ($1 - 4)) }
      return Frame(type: header[0], body: try Self.receive(length, socket))
    }
  }

  struct Frame: Equatable {
    let type: UInt8
    let body: [UInt8]
  }

  private struct Ended: Error {}

  private static func receive(_ count: Int, _ socket: Int32) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: max(count, 1))
    while bytes.count < count {
      let got = recv(socket, &buffer, count - bytes.count, 0)
      if got == 0 { throw Ended() }
      guard got > 0 else { throw Failure(description: "nothing received: errno \(errno)") }
      bytes += buffer[..<got]
    }
    return bytes
  }

  private func perform<Result: Sendable>(
    _ body: @escaping @Sendable (Int32) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { [socket] in
        continuation.resume(with: Swift.Result { try body(socket) })
      }
    }
  }
}
