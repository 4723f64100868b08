import Link

/// A way to the server: one request frame out, one answer frame back.
///
/// A scheme knows no more of the network than this, so that a test can be the server.
public protocol OffloadLink: Sendable {
  /// Sends a whole frame and waits for a whole frame.
  ///
  /// - Parameters:
  ///   - frame: the request, header included.
  ///   - serverMicroseconds: what the server's work on this answer counts in emulated time, given
  ///     the answer and how long it really took.
  func exchange(
    _ frame: [UInt8],
    serverMicroseconds: @Sendable (_ reply: [UInt8], _ elapsedMicroseconds: Double) -> Double
  ) async throws -> Exchange
}

extension Link: OffloadLink {}
