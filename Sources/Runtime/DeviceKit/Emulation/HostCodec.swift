package import BundleFormat
import DeviceSchemes
package import PictureFiles

/// A codec that the emulated device uses and that no chip runs here: its library does the work on the host,
/// and the device's clock stands still meanwhile.
package struct HostCodec: Sendable {
  private let codec: BundleManifest.Codec

  /// The one codec of a bundle's paths that is the host's; nil where none is.
  package init?(_ manifest: BundleManifest) {
    guard let codec = manifest.paths.compactMap(\.codec).first(where: \.isHosts) else {
      return nil
    }
    self.codec = codec
  }

  /// The file that is sent.
  ///
  /// - Throws: `DeviceError` where the library cannot make it.
  func encode(_ picture: Picture) throws(DeviceError) -> [UInt8] {
    do throws(PictureFileError) {
      switch (codec.name, codec.quality) {
      case (.png, _): return try PNGEncoder.encode(picture)
      case (.webp, let quality?): return try WebP.encode(picture, quality: quality)
      case (.webp, nil), (.raw, _), (.jpeg, _): preconditionFailure("the manifest was not checked")
      }
    } catch {
      throw .unusableGraph("\(error)")
    }
  }
}
