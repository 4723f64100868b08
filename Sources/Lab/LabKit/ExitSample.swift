import DeviceCore
import Foundation

/// What a device exit said of one training image.
struct ExitSample {
  let logits: [Int8]
  let label: Int

  /// Whether the class with the greatest logit, the first of several, is the image's.
  var isRight: Bool { logits.firstIndex(of: logits.max() ?? 0) == label }

  /// As the chip computes it.
  func confidence(by table: [Float]) -> Float {
    logits.withUnsafeBufferPointer { logits in
      table.withUnsafeBufferPointer { ExitConfidence.of(logits, table: $0) }
    }
  }

  /// What makes the right class's probability largest over all samples: the least mean of -ln p, which
  /// has one minimum in the temperature's logarithm; found by cutting its interval in golden sections.
  static func temperature(of samples: [ExitSample], scale: Float) -> Float {
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(0.05), log(20.0))
    func loss(_ logarithm: Double) -> Double {
      let factor = Double(scale) / exp(logarithm)
      return samples.reduce(0) { $0 + $1.loss(factor: factor) }
    }
    var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
    var (atLeft, atRight) = (loss(left), loss(right))
    for _ in 0..<30 {
      if atLeft < atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - ratio * (high - low)
        atLeft = loss(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + ratio * (high - low)
        atRight = loss(right)
      }
    }
    return Float(exp((low + high) / 2))
  }

  /// -ln of the label's probability, real logits being `factor` times the int8 ones.
  private func loss(factor: Double) -> Double {
    guard let largest = logits.max(), logits.indices.contains(label) else { return 0 }
    var sum = 0.0
    for value in logits { sum += exp(Double(Int(value) - Int(largest)) * factor) }
    return log(sum) - Double(Int(logits[label]) - Int(largest)) * factor
  }
}
