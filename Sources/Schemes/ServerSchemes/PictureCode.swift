import BundleFormat
import ImageCoding
import PictureFiles

/// What a path sends that sends its image as a picture: the scan of a JPEG, or a file.
struct PictureCode: Sendable {
  enum Format: Equatable, Sendable {
    /// A symbol is a minimum coded unit.
    case scan(JPEGSettings)
    /// The file is one symbol.
    case png
    case webp
  }

  /// Pixels.
  let width: Int
  /// Pixels.
  let height: Int
  let format: Format

  /// nil for a codec that codes values.
  init?(_ codec: BundleManifest.Codec, of input: BundleManifest.Input) {
    width = input.width
    height = input.height
    switch codec.name {
    case .raw: return nil
    case .jpeg:
      guard let settings = codec.jpegSettings else {
        preconditionFailure("the manifest was not checked")
      }
      format = .scan(settings)
    case .png: format = .png
    case .webp: format = .webp
    }
  }

  var symbolCount: Int {
    guard case .scan(let settings) = format else { return 1 }
    return JPEGGeometry(width: width, height: height, sampling: settings.sampling).units
  }

  /// Bytes that no payload exceeds.
  var worstCaseBytes: Int {
    guard case .scan(let settings) = format else {
      // What a device has room for (docs/coding.md).
      return (3 * width + 1) * height + 1024
    }
    return symbolCount * JPEGEncoder.worstCaseBytes(perUnitOf: settings.sampling)
  }

  /// The picture where nothing of it has come: grey.
  var nothing: Picture {
    Picture(
      width: width, height: height, pixels: Array(repeating: 128, count: width * height * 3))
  }

  /// Fills float32 [3,height,width] with the pixels, from 0 to 1.
  static func write(_ picture: Picture, into features: UnsafeMutableBufferPointer<Float>) {
    let plane = picture.width * picture.height
    precondition(features.count == 3 * plane)
    picture.pixels.withUnsafeBufferPointer { pixels in
      for place in 0..<plane {
        for colour in 0..<3 {
          features[colour * plane + place] = Float(pixels[3 * place + colour]) / 255
        }
      }
    }
  }
}
