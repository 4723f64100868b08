/// 8-bit RGB pixels: height · width · 3 bytes, rows from the top.
public struct Picture: Equatable, Sendable {
  public var width: Int
  public var height: Int
  public var pixels: [UInt8]

  /// Longest side that is decoded, in pixels.
  public static let largestSide = 4096

  /// - Precondition: as many bytes as the sides say.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Refuses a picture that claims no pixels, or too many, before anything is decoded.
  static func checkSize(width: Int, height: Int) throws(PictureFileError) {
    guard width > 0, height > 0 else {
      throw .corrupt("it claims \(width)x\(height) pixels")
    }
    guard width <= largestSide, height <= largestSide else {
      throw .unsupported(
        "\(width)x\(height) pixels are more than the \(largestSide)x\(largestSide) read here")
    }
  }
}
