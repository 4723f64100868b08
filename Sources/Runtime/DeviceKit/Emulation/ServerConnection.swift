public import Connection

/// A way to the server: frames out, frames in.
///
/// The emulation knows no more of the network than this, so that a test can be the server.
package protocol ServerConnection: AnyObject, Sendable {
  /// Sends frames, one or several without gaps, without waiting for anything.
  func send(_ bytes: [UInt8])
  /// The next frame of the server's, header and body.
  func next(within wait: Duration) async throws(ConnectionError) -> [UInt8]
  func close() async
}

extension Connection: ServerConnection {}
