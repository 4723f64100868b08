/// A picture out of a data set or a file, as a camera would deliver it.
public struct LabelledImage: Equatable, Sendable {
  /// Its place in the data set, from 0.
  public let index: Int
  /// Height · width · 3 bytes: rows from the top, pixels from the left, red, green, blue.
  public let pixels: [UInt8]
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// The class it shows, where that is known.
  public let label: Int?
  /// What to call it in messages: `cifar10/test/17`, or a file's name.
  public let name: String

  /// - Precondition: `pixels` has height · width · 3 bytes.
  public init(
    index: Int, pixels: [UInt8], width: Int, height: Int, label: Int?, name: String
  ) {
    precondition(pixels.count == width * height * 3, "an image of \(width)x\(height) RGB")
    self.index = index
    self.pixels = pixels
    self.width = width
    self.height = height
    self.label = label
    self.name = name
  }
}
