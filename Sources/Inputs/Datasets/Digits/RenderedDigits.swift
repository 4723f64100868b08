/// A split of Digits, each image drawn when it is asked for.
struct RenderedDigits: ImageDataset {
  let split: Split
  private let renderer: DigitRenderer

  init(split: Split) {
    self.split = split
    renderer = DigitRenderer(seed: Digits.seed(of: split))
  }

  var name: String { "\(DatasetName.digits.rawValue)/\(split.rawValue)" }
  var labels: [String] { Digits.labels }
  var count: Int { DatasetName.digits.publishedCount(of: split) }
  var imageSize: (width: Int, height: Int) { (DigitRenderer.side, DigitRenderer.side) }

  func image(at index: Int) throws -> LabelledImage {
    try checkIndex(index)
    let (pixels, label) = renderer.image(at: index)
    return LabelledImage(
      index: index, pixels: pixels, width: DigitRenderer.side, height: DigitRenderer.side,
      label: label, name: "\(name)/\(index)")
  }

  func label(at index: Int) throws -> Int? {
    try checkIndex(index)
    return renderer.label(at: index)
  }

  /// One record of CIFAR-10's binary layout: the label, then 1,024 bytes each of red, green and
  /// blue.
  func record(at index: Int) -> [UInt8] {
    let (pixels, label) = renderer.image(at: index)
    let planes = (0..<3).flatMap { channel in
      stride(from: channel, to: pixels.count, by: 3).map { pixels[$0] }
    }
    return [UInt8(label)] + planes
  }
}
