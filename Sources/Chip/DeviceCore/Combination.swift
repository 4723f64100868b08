/// The device's last step: α·local + (1-α)·remote on float32 logits.
///
/// Each product and each sum is rounded to float32 by itself, never fused, so that host and chip
/// agree to the bit; training computes exactly this. No Foundation, no allocation: the firmware may
/// take the file as it stands.
public enum Combination {
  /// An int8 tensor of logits and what its numbers mean: value = scale · (q - zeroPoint).
  public struct Logits {
    public let values: UnsafeBufferPointer<Int8>
    let scale: Float
    let zeroPoint: Int32

    public init(_ values: UnsafeBufferPointer<Int8>, scale: Float, zeroPoint: Int32) {
      self.values = values
      self.scale = scale
      self.zeroPoint = zeroPoint
    }

    var count: Int { values.count }

    subscript(index: Int) -> Float {
      scale * Float(Int32(values[index]) - zeroPoint)
    }

    /// The class with the greatest logit, the lowest index where several share it; `nil` where
    /// there are no classes.
    ///
    /// Scales are positive, so the int8 values order the classes.
    public func argmax() -> Int? {
      guard var best = values.first else { return nil }
      var answer = 0
      for index in 1..<max(values.count, 1) where values[index] > best {
        best = values[index]
        answer = index
      }
      return answer
    }
  }

  /// The class with the greatest combined logit, the lowest index where several share it; `nil`
  /// where there are no classes.
  ///
  /// - Precondition: both have one logit for each class.
  public static func argmax(local: Logits, remote: Logits, alpha: Float) -> Int? {
    precondition(local.count == remote.count, "one logit for each class on both sides")
    guard local.count > 0 else { return nil }
    let beta = 1 - alpha
    var answer = 0
    var best = combine(local[0], remote[0], alpha, beta)
    for index in 1..<local.count {
      let value = combine(local[index], remote[index], alpha, beta)
      if value > best {
        best = value
        answer = index
      }
    }
    return answer
  }

  @inline(__always)
  private static func combine(_ local: Float, _ remote: Float, _ alpha: Float, _ beta: Float)
    -> Float
  {
    let localShare = alpha * local
    let remoteShare = beta * remote
    return localShare + remoteShare
  }
}
