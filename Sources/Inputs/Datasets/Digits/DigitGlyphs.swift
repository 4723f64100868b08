/// The outlines of the ten digits, several styles each, as paths that a pen follows.
///
/// A path is text: `M x y` lifts the pen to a point, `L x y` draws a line, `Q cx cy x y` a quadratic
/// curve with control point (cx, cy), `O cx cy rx ry` an ellipse. Glyph units: the digit is centred
/// on (0, 0) and reaches from -44 (top) to 44 (bottom); x grows to the right.
enum DigitGlyphs {
  /// One pen movement that leaves a mark: a quadratic curve. A line is one whose control point is
  /// its middle.
  struct Curve: Equatable, Sendable {
    var startX: Int
    var startY: Int
    var controlX: Int
    var controlY: Int
    var endX: Int
    var endY: Int
  }

  /// The styles of each digit: `styles[digit][style]`.
  static let styles: [[[Curve]]] = paths.map { $0.map(curves(of:)) }

  private static let paths: [[String]] = [
    [  // 0
      "O 0 0 25 44",
      "O 0 0 30 44",
      "M -22 -24 Q -22 -44 0 -44 Q 22 -44 22 -24 L 22 24 Q 22 44 0 44 Q -22 44 -22 24 L -22 -24",
      """
      M -22 -34 Q -22 -44 -12 -44 L 12 -44 Q 22 -44 22 -34 L 22 34 Q 22 44 12 44 L -12 44 \
      Q -22 44 -22 34 L -22 -34
      """,
    ],
    [  // 1
      "M 0 -44 L 0 44",
      "M -14 -30 Q -2 -34 4 -44 L 4 44",
      "M -14 -30 L 4 -44 L 4 44 M -14 44 L 22 44",
      "M -10 -38 L 4 -44 L 4 44",
    ],
    [  // 2
      "M -22 -24 Q -20 -44 1 -44 Q 24 -44 24 -22 Q 24 -6 4 12 L -24 44 L 25 44",
      "M -22 -28 Q -16 -44 2 -44 Q 24 -44 22 -20 Q 20 0 -4 20 Q -20 32 -24 44 L 24 44",
      "M -22 -36 Q -8 -46 4 -44 Q 24 -40 21 -20 Q 16 4 -22 42 Q 0 34 26 44",
      "M -23 -26 Q -23 -44 0 -44 Q 24 -44 24 -22 Q 24 -8 4 4 Q -24 20 -24 44 L 24 44",
    ],
    [  // 3
      """
      M -22 -32 Q -14 -44 0 -44 Q 22 -44 22 -24 Q 22 -4 -6 -3 Q 25 -3 25 20 Q 25 44 0 44 \
      Q -18 44 -25 28
      """,
      "M -22 -44 L 22 -44 L -4 -10 Q 26 -10 26 17 Q 26 44 0 44 Q -18 44 -25 30",
      "M -20 -40 Q 20 -52 20 -24 Q 20 -6 -4 -4 Q 24 -4 24 20 Q 24 48 -24 40",
    ],
    [  // 4
      "M 12 44 L 12 -44 L -28 20 L 28 20",
      "M 8 44 L 8 -44 L -26 14 L 26 14",
      "M -12 -44 L -24 10 L 27 10 M 12 -18 L 12 44",
      "M -22 -44 L -22 4 L 26 4 M 18 -44 L 18 44",
    ],
    [  // 5
      "M 22 -44 L -16 -44 L -20 -6 Q -8 -16 2 -16 Q 25 -16 25 14 Q 25 44 -2 44 Q -18 44 -25 32",
      "M 20 -44 L -19 -44 L -19 -9 L 0 -10 Q 24 -10 24 16 Q 24 44 -2 44 Q -16 44 -24 36",
      "M 24 -43 Q 0 -46 -14 -42 L -18 -4 Q 24 -20 24 14 Q 22 46 -23 42",
    ],
    [  // 6
      """
      M 21 -34 Q 12 -44 2 -44 Q -25 -44 -25 10 Q -25 44 1 44 Q 25 44 25 16 Q 25 -10 2 -10 \
      Q -20 -10 -25 12
      """,
      "M 10 -44 Q -24 -6 -24 16 Q -24 44 0 44 Q 24 44 24 17 Q 24 -8 0 -8 Q -20 -8 -24 14",
      "O 0 18 24 26 M 14 -44 Q -24 -24 -24 18",
    ],
    [  // 7
      "M -24 -44 L 25 -44 L -8 44",
      "M -24 -44 L 25 -44 Q -4 -4 -6 44",
      "M -24 -44 L 25 -44 L -8 44 M -14 2 L 21 2",
      "M -24 -30 L -24 -44 L 25 -44 Q 0 0 -6 44",
    ],
    [  // 8
      "O 0 -23 20 21 O 0 21 25 23",
      """
      M 0 -2 Q -22 -8 -22 -24 Q -22 -44 0 -44 Q 22 -44 22 -24 Q 22 -8 0 -2 Q -26 4 -26 22 \
      Q -26 44 0 44 Q 26 44 26 22 Q 26 4 0 -2
      """,
      """
      M 19 -32 Q 14 -44 0 -44 Q -21 -44 -21 -26 Q -21 -12 2 -2 Q 24 8 24 24 Q 24 44 0 44 \
      Q -24 44 -24 24 Q -24 10 0 -2 Q 20 -11 20 -26 Q 20 -30 19 -32
      """,
    ],
    [  // 9
      """
      M -21 34 Q -12 44 -2 44 Q 25 44 25 -10 Q 25 -44 -1 -44 Q -25 -44 -25 -16 Q -25 10 -2 10 \
      Q 20 10 25 -12
      """,
      "O 0 -20 23 24 M 23 -20 L 20 44",
      "O 0 -18 24 26 M -14 44 Q 24 24 24 -18",
      "O -2 -20 23 24 M 21 -20 Q 23 10 2 44",
    ],
  ]

  /// Reads one path. It is our own source, so that anything unreadable is our own bug.
  private static func curves(of path: String) -> [Curve] {
    let words = path.split(separator: " ")
    var curves: [Curve] = []
    var position = 0
    var (x, y) = (0, 0)
    func number(_ offset: Int) -> Int {
      guard let value = Int(words[position + offset]) else {
        preconditionFailure("digit outline: not a number in \(path)")
      }
      return value
    }
    while position < words.count {
      switch words[position] {
      case "M":
        (x, y) = (number(1), number(2))
        position += 3
      case "L":
        let (endX, endY) = (number(1), number(2))
        curves.append(
          Curve(
            startX: x, startY: y, controlX: (x + endX) / 2, controlY: (y + endY) / 2,
            endX: endX, endY: endY))
        (x, y) = (endX, endY)
        position += 3
      case "Q":
        let (endX, endY) = (number(3), number(4))
        curves.append(
          Curve(
            startX: x, startY: y, controlX: number(1), controlY: number(2), endX: endX, endY: endY))
        (x, y) = (endX, endY)
        position += 5
      case "O":
        curves += ellipse(
          centreX: number(1), centreY: number(2), radiusX: number(3), radiusY: number(4))
        position += 5
      default:
        preconditionFailure("digit outline: unknown letter in \(path)")
      }
    }
    return curves
  }

  /// Eight quadratic arcs, each an eighth of the turn: ends at multiples of 45 degrees, control
  /// points where the tangents meet (tan 22.5° = 0.4142, cos 45° = 0.7071).
  private static func ellipse(centreX: Int, centreY: Int, radiusX: Int, radiusY: Int) -> [Curve] {
    let ends = [
      (10000, 0), (7071, 7071), (0, 10000), (-7071, 7071), (-10000, 0), (-7071, -7071),
      (0, -10000), (7071, -7071), (10000, 0),
    ]
    let controls = [
      (10000, 4142), (4142, 10000), (-4142, 10000), (-10000, 4142), (-10000, -4142),
      (-4142, -10000), (4142, -10000), (10000, -4142),
    ]
    func at(_ unit: (Int, Int)) -> (Int, Int) {
      (centreX + radiusX * unit.0 / 10000, centreY + radiusY * unit.1 / 10000)
    }
    return controls.indices.map { arc in
      let (start, control, end) = (at(ends[arc]), at(controls[arc]), at(ends[arc + 1]))
      return Curve(
        startX: start.0, startY: start.1, controlX: control.0, controlY: control.1, endX: end.0,
        endY: end.1)
    }
  }
}
