/// A colour of a rendered scene, components 0 to 255.
struct SceneColour: Equatable, Sendable {
  var red: Int
  var green: Int
  var blue: Int

  /// Perceived brightness, 0 to 255 (weights of ITU-R BT.601 in 256ths).
  var luma: Int { (77 * red + 150 * green + 29 * blue) >> 8 }

  /// This colour moved towards another by `share` 256ths.
  func mixed(with other: SceneColour, share: Int) -> SceneColour {
    SceneColour(
      red: (red * (256 - share) + other.red * share + 128) >> 8,
      green: (green * (256 - share) + other.green * share + 128) >> 8,
      blue: (blue * (256 - share) + other.blue * share + 128) >> 8)
  }

  /// A colour around a brightness, its components up to `spread` off.
  static func random(
    around luma: Int, spread: Int, using random: inout SceneRandom
  ) -> SceneColour {
    func component(_ random: inout SceneRandom) -> Int {
      min(255, max(0, luma + random.integer(in: -spread...spread)))
    }
    return SceneColour(
      red: component(&random), green: component(&random), blue: component(&random))
  }

  /// A colour at least `contrast` lighter or darker than this one: drawn up to 16 times, then black
  /// or white, whichever is farther.
  func contrasting(
    atLeast contrast: Int, spread: Int, using random: inout SceneRandom
  ) -> SceneColour {
    for _ in 0..<16 {
      let distance = random.integer(in: contrast...170)
      let lighter = random.chance(128)
      let target = lighter ? luma + distance : luma - distance
      guard (0...255).contains(target) else { continue }
      let colour = SceneColour.random(around: target, spread: spread, using: &random)
      if abs(colour.luma - luma) >= contrast { return colour }
    }
    let level = luma < 128 ? 255 : 0
    return SceneColour(red: level, green: level, blue: level)
  }
}
