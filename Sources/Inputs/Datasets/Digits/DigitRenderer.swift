/// Draws the images of the Digits data set: coloured, cluttered, distorted numbers in the manner
/// of SVHN (Netzer et al., 2011), 32x32 RGB, each with the digit at its centre as its label.
///
/// No floating-point number is used, so that an index gives the same bytes on every machine.
struct DigitRenderer: Sendable {
  /// The split's seed.
  let seed: UInt64

  /// Side of an image in pixels.
  static let side = CoverageMask.side

  /// The image at `index` (0 or more): its 3,072 bytes in height, width, channel order, and the
  /// digit at its centre.
  func image(at index: Int) -> (pixels: [UInt8], label: Int) {
    var random = SceneRandom(splitSeed: seed, index: index)
    let label = Self.label(using: &random)
    var scene = DigitScene(label: label, using: &random)
    return (scene.render(using: &random), label)
  }

  /// The digit at the centre of the image at `index`, without drawing it.
  func label(at index: Int) -> Int {
    var random = SceneRandom(splitSeed: seed, index: index)
    return Self.label(using: &random)
  }

  /// The first thing drawn from an image's stream.
  private static func label(using random: inout SceneRandom) -> Int {
    random.integer(in: 0...9)
  }
}
