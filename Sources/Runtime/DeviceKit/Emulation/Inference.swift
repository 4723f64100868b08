/// What came of one image.
package struct Inference: Sendable {
  package let receipt: Receipt
  /// Why the server's half is missing although there was a link.
  let offloadFailure: OffloadFailure?
}
