import Foundation

/// A search's front as a picture (SVG): score over time, with all candidates within the bounds.
struct FrontPicture {
  private static let width = 720.0
  private static let height = 460.0
  private static let margin = (left: 72.0, right: 24.0, top: 44.0, bottom: 56.0)

  private let result: SearchResult
  private let times: ClosedRange<Double>
  private let scores: ClosedRange<Double>

  init(_ result: SearchResult) {
    self.result = result
    let all = result.others.map(\.score) + result.front.map(\.score)
    times = 0...result.configuration.bounds.milliseconds
    let (least, most) = (all.min() ?? 0, all.max() ?? 1)
    let space = max((most - least) * 0.05, 1)
    scores = (least - space)...(most + space)
  }

  var svg: String {
    let title =
      "\(escaped(result.configuration.name)): \(result.allowed) of \(result.trials) candidates keep "
      + "within the bounds"
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(Self.height)" \
      viewBox="0 0 \(Self.width) \(Self.height)" font-family="sans-serif" font-size="13">
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(Self.margin.left)" y="24" font-size="15">\(title)</text>
      """
    ]
    for step in Self.steps(times) {
      parts.append(
        line(x(step), y(scores.lowerBound), x(step), y(scores.upperBound), "#e4e4e4"))
      parts.append(text(x(step), y(scores.lowerBound) + 18, "\(Self.short(step))", "middle"))
    }
    for step in Self.steps(scores) {
      parts.append(line(x(times.lowerBound), y(step), x(times.upperBound), y(step), "#e4e4e4"))
      parts.append(text(x(times.lowerBound) - 8, y(step) + 4, "\(Self.short(step))", "end"))
    }
    parts += result.others.map { circle($0.milliseconds, $0.score, 2, "#b0b0b0") }
    let path = result.front.map { "\(x($0.cost.milliseconds)),\(y($0.score))" }
    parts.append(
      "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"#1f5fa8\"/>")
    parts += result.front.map { circle($0.cost.milliseconds, $0.score, 4, "#1f5fa8") }
    let kernels = escaped(result.configuration.kernels)
    parts.append(
      text(
        (x(times.lowerBound) + x(times.upperBound)) / 2, Self.height - 14,
        "ms by the preset \(kernels)", "middle"))
    parts.append(
      """
      <text transform="translate(18 \(Self.height / 2)) rotate(-90)" text-anchor="middle">\
      entropy score</text>
      """)
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func x(_ time: Double) -> Double {
    let (left, right) = (Self.margin.left, Self.width - Self.margin.right)
    return Self.rounded(
      left + (right - left) * (time - times.lowerBound) / (times.upperBound - times.lowerBound))
  }

  private func y(_ score: Double) -> Double {
    let (top, bottom) = (Self.margin.top, Self.height - Self.margin.bottom)
    return Self.rounded(
      bottom - (bottom - top) * (score - scores.lowerBound)
        / (scores.upperBound - scores.lowerBound))
  }

  /// Four to eight round numbers of a range.
  private static func steps(_ range: ClosedRange<Double>) -> [Double] {
    let raw = (range.upperBound - range.lowerBound) / 6
    let power = pow(10, log10(raw).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= raw } ?? raw
    return Array(
      stride(
        from: (range.lowerBound / step).rounded(.up) * step, through: range.upperBound, by: step))
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String)
    -> String
  {
    "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" stroke=\"\(colour)\"/>"
  }

  private func circle(_ time: Double, _ score: Double, _ radius: Int, _ colour: String) -> String {
    "<circle cx=\"\(x(time))\" cy=\"\(y(score))\" r=\"\(radius)\" fill=\"\(colour)\"/>"
  }

  private func text(_ x: Double, _ y: Double, _ content: String, _ anchor: String) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(content)</text>"
  }

  private func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
  }

  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  private static func short(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(rounded(value))"
  }
}
