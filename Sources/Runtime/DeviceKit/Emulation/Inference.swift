/// What came of one image.
struct Inference: Sendable {
  let receipt: Receipt
  /// Why the server's half is missing although there was a link.
  let offloadFailure: OffloadFailure?
}
