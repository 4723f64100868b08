/// How sure an exit is of its answer: the largest softmax probability of its logits, divided by the
/// exit's temperature.
///
/// exp(-d · scale / temperature) comes out of the plan's table by d, the distance of an int8 logit
/// from the largest, so that the chip computes no exponential, and host and chip agree to the bit:
/// the sum is of float32 values in the order of the classes.
public enum ExitConfidence {
  /// - Parameters:
  ///   - logits: int8, one for each class; none gives 0.
  ///   - table: 256 values, by distance.
  public static func of(
    _ logits: UnsafeBufferPointer<Int8>, table: UnsafeBufferPointer<Float>
  ) -> Float {
    guard var largest = logits.first else { return 0 }
    for value in logits where value > largest { largest = value }
    var sum: Float = 0
    for value in logits { sum += table[Int(largest) - Int(value)] }
    return 1 / sum
  }
}
