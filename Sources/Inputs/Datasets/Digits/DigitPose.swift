/// How the digits of one scene are written: the pen, the distortion and the place, shared by the
/// centre digit and its neighbours.
struct DigitPose: Sendable {
  /// 1/64 pixels per glyph unit in 1/4096: (x, y) -> (xx·x + xy·y, yx·x + yy·y).
  private var xx, xy, yx, yy: Int
  /// Where the centre digit's origin lies, in 1/64 pixels.
  private var originX, originY: Int
  /// Half the stroke's width in 1/64 pixels.
  private var radius: Int
  /// Sixteenths; see ``CoverageMask/stroke(from:to:radius:pressure:)``.
  private var pressure: Int
  private var warpX: Warp
  private var warpY: Warp

  /// A slow wave that displaces points.
  private struct Warp: Sendable {
    /// 1/64 pixels.
    var amplitude: Int
    /// 1/4096 turns per pixel.
    var frequency: Int
    /// 1/4096 turns.
    var phase: Int

    init(using random: inout SceneRandom) {
      amplitude = random.integer(in: 0...70)
      frequency = random.integer(in: 80...220)
      phase = random.integer(in: 0...4095)
    }

    func displacement(at position: Int) -> Int {
      amplitude * SineTable.sine(position * frequency / CoverageMask.pixel + phase) / 16_384
    }
  }

  init(using random: inout SceneRandom) {
    let height = random.integer(in: 19 * 64...30 * 64)
    let aspect = random.integer(in: 200...300)
    let angle = random.integer(in: -150...150)
    let shear = random.integer(in: -3600...4900)
    // Outlines are 88 units high; the scale is in 1/64 pixels per unit in 1/4096.
    let scaleY = height * 4096 / 88
    let scaleX = scaleY * aspect / 256
    let (sine, cosine) = (SineTable.sine(angle), SineTable.cosine(angle))
    // Shear moves upper parts sideways: x' = x - shear·y (in 1/16,384).
    let shearedXY = -scaleY * shear / 16_384
    xx = scaleX * cosine / 16_384
    xy = (shearedXY * cosine - scaleY * sine) / 16_384
    yx = scaleX * sine / 16_384
    yy = (shearedXY * sine + scaleY * cosine) / 16_384
    originX = 16 * 64 + random.integer(in: -150...150)
    originY = 16 * 64 + random.integer(in: -120...120)
    radius = height * random.integer(in: 14...32) / 352
    pressure = random.integer(in: 13...24)
    warpX = Warp(using: &random)
    warpY = Warp(using: &random)
  }

  /// Draws one digit, displaced by `shift` glyph units along the row and across it.
  func draw(
    _ curves: [DigitGlyphs.Curve], shift: (x: Int, y: Int), offset: (x: Int, y: Int) = (0, 0),
    into mask: inout CoverageMask
  ) {
    /// Pieces of a curve that are drawn straight.
    let pieces = 6
    for curve in curves {
      var last = (x: 0, y: 0)
      for piece in 0...pieces {
        let (a, b, c) = (
          (pieces - piece) * (pieces - piece), 2 * piece * (pieces - piece), piece * piece
        )
        let x = a * curve.startX + b * curve.controlX + c * curve.endX
        let y = a * curve.startY + b * curve.controlY + c * curve.endY
        let point = place(
          x: x + shift.x * pieces * pieces, y: y + shift.y * pieces * pieces,
          denominator: pieces * pieces, offset: offset)
        if piece > 0 {
          mask.stroke(from: last, to: point, radius: radius, pressure: pressure)
        }
        last = point
      }
    }
  }

  private func place(
    x: Int, y: Int, denominator: Int, offset: (x: Int, y: Int)
  ) -> (x: Int, y: Int) {
    let straightX = (xx * x + xy * y) / denominator / 4096 + originX
    let straightY = (yx * x + yy * y) / denominator / 4096 + originY
    return (
      straightX + warpX.displacement(at: straightY) + offset.x,
      straightY + warpY.displacement(at: straightX) + offset.y
    )
  }
}
