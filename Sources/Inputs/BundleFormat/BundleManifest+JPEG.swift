public import BundleFormat
public import ImageCoding

extension BundleManifest.Codec {
  /// What a JPEG is coded with; nil for the other codecs.
  public var jpegSettings: JPEGSettings? {
    guard name == .jpeg, let quality, let chroma else { return nil }
    return JPEGSettings(quality: quality, sampling: chroma == .full ? .full : .half)
  }
}
