/// One picture of the Digits set while it is being drawn, from the wall behind the number to the
/// camera's noise.
struct DigitScene: Sendable {
  private let label: Int
  private var canvas = SceneCanvas()
  private let wall: SceneColour
  private let wallOpposite: SceneColour
  private let ink: SceneColour

  /// Least difference in brightness between the ink and the wall it stands on.
  private static let leastContrast = 34

  init(label: Int, using random: inout SceneRandom) {
    self.label = label
    let brightness = random.integer(in: 25...230)
    wall = .random(around: brightness, spread: random.integer(in: 4...44), using: &random)
    let lift = random.integer(in: -32...32)
    wallOpposite = .random(around: wall.luma + lift, spread: 20, using: &random)
      .mixed(with: wall, share: 128)
    ink = wall.mixed(with: wallOpposite, share: 128).contrasting(
      atLeast: Self.leastContrast + 8, spread: 48, using: &random)
  }

  /// Draws everything and returns the 3,072 bytes in height, width, channel order.
  mutating func render(using random: inout SceneRandom) -> [UInt8] {
    drawWall(using: &random)
    for _ in 0..<random.integer(in: 0...4) {
      drawClutter(opacity: 70...210, using: &random)
    }
    drawNumber(using: &random)
    if random.chance(72) {
      drawClutter(opacity: 50...120, using: &random)
    }
    let blurs = random.integer(in: 0...9)
    for _ in 0..<(blurs < 3 ? 0 : blurs < 7 ? 1 : blurs < 9 ? 2 : 3) {
      canvas.blur()
    }
    canvas.addNoise(
      level: random.integer(in: 0...20), colour: random.integer(in: 0...12), using: &random)
    return canvas.pixels()
  }

  /// A gradient between two colours under a coarse, smooth pattern of light.
  private mutating func drawWall(using random: inout SceneRandom) {
    let angle = random.integer(in: 0...4095)
    let (stepX, stepY) = (SineTable.cosine(angle), SineTable.sine(angle))
    let depth = random.integer(in: 0...22)
    // Lights at the corners of a 4x4 grid of 8-pixel cells, in 1/16 levels.
    let lights = (0..<25).map { _ in random.integer(in: -depth...depth) * SceneCanvas.scale }
    for row in 0..<SceneCanvas.side {
      for column in 0..<SceneCanvas.side {
        // -1,024 to 1,024 across the diagonal.
        let position =
          ((2 * column - 31) * stepX + (2 * row - 31) * stepY) / (16_384 * 44 / 1024)
        let share = min(256, max(0, 128 + position / 8))
        let light = Self.interpolated(lights, row: row, column: column)
        func component(_ from: Int, _ to: Int) -> Int {
          (from * (256 - share) + to * share) * SceneCanvas.scale / 256 + light
        }
        canvas.set(
          row: row, column: column, red: component(wall.red, wallOpposite.red),
          green: component(wall.green, wallOpposite.green),
          blue: component(wall.blue, wallOpposite.blue))
      }
    }
  }

  private static func interpolated(_ lights: [Int], row: Int, column: Int) -> Int {
    let (cellRow, cellColumn) = (row / 8, column / 8)
    let (down, right) = (row % 8, column % 8)
    let corner = cellRow * 5 + cellColumn
    let upper = lights[corner] * (8 - right) + lights[corner + 1] * right
    let lower = lights[corner + 5] * (8 - right) + lights[corner + 6] * right
    return (upper * (8 - down) + lower * down) / 64
  }

  /// A line, a bar or a blob that is no part of the number.
  private mutating func drawClutter(
    opacity: ClosedRange<Int>, using random: inout SceneRandom
  ) {
    var mask = CoverageMask()
    let edge = CoverageMask.side * CoverageMask.pixel
    let start = (x: random.integer(in: -200...edge + 200), y: random.integer(in: -200...edge + 200))
    if random.chance(80) {
      let end = (
        x: start.x + random.integer(in: -200...200), y: start.y + random.integer(in: -200...200)
      )
      mask.stroke(from: start, to: end, radius: random.integer(in: 64...260))
    } else {
      let end = (x: random.integer(in: -200...edge + 200), y: random.integer(in: -200...edge + 200))
      mask.stroke(from: start, to: end, radius: random.integer(in: 20...100))
    }
    let colour = SceneColour.random(
      around: random.integer(in: 20...235), spread: 50, using: &random)
    canvas.paint(
      mask, with: wall.mixed(with: colour, share: 160),
      opacity: random.integer(in: opacity))
  }

  /// The centre digit and, often, neighbours that intrude from the sides, perhaps with a shadow.
  private mutating func drawNumber(using random: inout SceneRandom) {
    let pose = DigitPose(using: &random)
    var digits: [(curves: [DigitGlyphs.Curve], shift: (x: Int, y: Int))] = []
    for side in [-1, 1] where random.chance(150) {
      let neighbour = random.integer(in: 0...9)
      let distance = random.integer(in: 66...84)
      digits.append(
        (
          Self.style(of: neighbour, using: &random),
          (side * distance, random.integer(in: -6...6))
        ))
    }
    digits.append((Self.style(of: label, using: &random), (0, 0)))

    if random.chance(50) {
      let distance = random.integer(in: 40...110)
      let offset = (x: random.chance(128) ? distance : -distance, y: distance)
      let shade = ink.luma > wall.luma ? 0 : 255
      var shadow = CoverageMask()
      for digit in digits {
        pose.draw(digit.curves, shift: digit.shift, offset: offset, into: &shadow)
      }
      canvas.paint(
        shadow, with: SceneColour(red: shade, green: shade, blue: shade),
        opacity: random.integer(in: 40...120))
    }
    var mask = CoverageMask()
    for digit in digits {
      pose.draw(digit.curves, shift: digit.shift, into: &mask)
    }
    canvas.paint(mask, with: ink, opacity: random.integer(in: 215...256))
  }

  private static func style(
    of digit: Int, using random: inout SceneRandom
  ) -> [DigitGlyphs.Curve] {
    let styles = DigitGlyphs.styles[digit]
    return styles[random.integer(in: 0...styles.count - 1)]
  }
}
