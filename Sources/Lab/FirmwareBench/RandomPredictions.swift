public import OffloadWire
import SeededRandom

/// Predictions that a server might make, the same ones every time.
public struct RandomPredictions {
  private var random: SplitMix64

  public init(seed: UInt64) {
    random = SplitMix64(seed: seed)
  }

  /// The next prediction, a whole frame. Its logits are of every magnitude, and every other time such
  /// that they and the device's own come near each other.
  ///
  /// - Throws: `WireError`.
  public mutating func frame(
    for request: UInt32, symbols: Int, classes: Int
  ) throws(WireError) -> [UInt8] {
    let isNear = Bool.random(using: &random)
    let scale = RandomPredictions.powerOfTwo(
      Int.random(in: isNear ? -5...(-2) : -20...10, using: &random))
    let limit: Int8 = isNear ? 30 : 127
    let logits = (0..<classes).map { _ in
      UInt8(bitPattern: Int8.random(in: -limit...limit, using: &random))
    }
    let frame = logits.withUnsafeBytes { bytes in
      Result { () throws(WireError) in
        try Prediction(
          id: request, symbolsUsed: UInt32(symbols), scale: scale, queueMicroseconds: 0,
          decodeMicroseconds: 0, runMicroseconds: 0, logits: bytes
        ).encoded()
      }
    }
    return try frame.get()
  }

  private static func powerOfTwo(_ exponent: Int) -> Float {
    Float(sign: .plus, exponent: exponent, significand: 1)
  }
}
