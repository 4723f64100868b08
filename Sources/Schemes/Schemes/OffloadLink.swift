import Link

/// A way to the server: one request frame out, one answer frame back.
///
/// A scheme knows no more of the network than this, so that a test can be the server.
public protocol OffloadLink: Sendable {
  /// Sends a whole frame and waits for a whole frame.
  ///
  /// - Parameters:
  ///   - frame: the request, header included.
  ///   - serverMicroseconds: what the server's work on this answer counts in emulated time.
  func exchange(
    _ frame: [UInt8], serverMicroseconds: @Sendable ([UInt8]) -> Double
  ) async throws -> Exchange
}

extension Link: OffloadLink {}
