import Foundation
import Testing

@testable import Datasets

@Suite("Drawing of Digits")
struct DigitDrawingTests {
  @Test func `the generator is SplitMix64`() {
    // The first outputs for seed 1234567, from the authors' reference implementation.
    var random = SceneRandom(seed: 1_234_567)
    let outputs = (0..<5).map { _ in random.next() }
    #expect(
      outputs == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func `numbers stay in their range and reach its ends`() {
    var random = SceneRandom(seed: 7)
    var seen: Set<Int> = []
    for _ in 0..<1_000 { seen.insert(random.integer(in: -3...4)) }
    #expect(seen == Set(-3...4))
    #expect(random.integer(in: 5...5) == 5)
  }

  @Test func `sine and cosine agree with the real ones`() throws {
    let worst = (-4_200...4_200).map { angle in
      let exact = Double(angle) * .pi / 2048
      return max(
        abs(Double(SineTable.sine(angle)) - sin(exact) * 16_384),
        abs(Double(SineTable.cosine(angle)) - cos(exact) * 16_384))
    }.max()
    #expect(try #require(worst) < 4)
  }

  /// Coverage against the definition: a sample is covered if its distance to the segment is at most
  /// the radius, by floating-point geometry, which may differ at the very edge alone.
  @Test(arguments: [
    (300, 400, 1500, 900, 90), (1000, 1000, 1000, 1000, 200), (-300, 700, 2500, 650, 64),
    (1024, -500, 1000, 2600, 130), (4000, 4000, 5000, 5000, 300), (200, 1900, 400, 100, 20),
  ])
  func `coverage is that of the segment`(x0: Int, y0: Int, x1: Int, y1: Int, radius: Int) {
    var mask = CoverageMask()
    mask.stroke(from: (x0, y0), to: (x1, y1), radius: radius)
    var wrong = 0
    for row in 0..<128 {
      for column in 0..<128 {
        let (x, y) = (Double(column * 16 + 8), Double(row * 16 + 8))
        let (dx, dy) = (Double(x1 - x0), Double(y1 - y0))
        let length2 = dx * dx + dy * dy
        let along =
          length2 == 0
          ? 0 : min(1, max(0, ((x - Double(x0)) * dx + (y - Double(y0)) * dy) / length2))
        let distance = hypot(x - Double(x0) - along * dx, y - Double(y0) - along * dy)
        let bit = UInt16(1) << UInt16((row & 3) * 4 + (column & 3))
        let covered = mask.samples[(row / 4) * 32 + column / 4] & bit != 0
        if abs(distance - Double(radius)) > 1e-6 {
          wrong += covered == (distance < Double(radius)) ? 0 : 1
        }
      }
    }
    #expect(wrong == 0)
  }

  @Test func `strokes add up`() {
    var both = CoverageMask()
    both.stroke(from: (0, 0), to: (2_000, 2_000), radius: 100)
    both.stroke(from: (0, 2_000), to: (2_000, 0), radius: 100, pressure: 24)
    var (first, second) = (CoverageMask(), CoverageMask())
    first.stroke(from: (0, 0), to: (2_000, 2_000), radius: 100)
    second.stroke(from: (0, 2_000), to: (2_000, 0), radius: 100, pressure: 24)
    #expect(both.samples == zip(first.samples, second.samples).map { $0 | $1 })
  }

  @Test func `painting with nothing and with everything`() {
    var canvas = SceneCanvas()
    let red = SceneColour(red: 200, green: 10, blue: 0)
    canvas.paint(CoverageMask(), with: red)
    #expect(canvas.pixels().allSatisfy { $0 == 0 })
    var all = CoverageMask()
    all.stroke(from: (0, 1_024), to: (2_048, 1_024), radius: 2_000)
    #expect(all.samples.allSatisfy { $0 == .max })
    canvas.paint(all, with: red)
    #expect(Array(canvas.pixels().prefix(3)) == [200, 10, 0])
    canvas.blur()
    #expect(Array(canvas.pixels().suffix(3)) == [200, 10, 0])
    canvas.paint(all, with: SceneColour(red: 0, green: 10, blue: 100), opacity: 128)
    #expect(Array(canvas.pixels().suffix(3)) == [100, 10, 50])
  }

  @Test func `ink stands out`() {
    var random = SceneRandom(seed: 11)
    for luma in stride(from: 0, through: 255, by: 5) {
      for _ in 0..<20 {
        let wall = SceneColour.random(around: luma, spread: 40, using: &random)
        let ink = wall.contrasting(atLeast: 42, spread: 48, using: &random)
        #expect(abs(ink.luma - wall.luma) >= 42)
      }
    }
  }

  @Test func `every digit has outlines inside its box`() {
    #expect(DigitGlyphs.styles.count == 10)
    for styles in DigitGlyphs.styles {
      #expect(styles.count >= 3)
      for curve in styles.joined() {
        for (x, y) in [(curve.startX, curve.startY), (curve.endX, curve.endY)] {
          #expect(abs(x) <= 30 && abs(y) <= 44)
        }
      }
    }
  }
}
