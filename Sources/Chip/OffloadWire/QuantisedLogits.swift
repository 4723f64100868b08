#if !hasFeature(Embedded)
  /// Logits as they go over the wire: int8 with one float32 scale.
  public struct QuantisedLogits: Equatable, Sendable {
    /// A logit is the scale times its int8 value.
    public let scale: Float
    /// -127...127, by class.
    public let values: [Int8]

    /// The scale is the largest magnitude over 127, and values round to the nearest, ties to even.
    /// Logits that are all zero, or too small for a normal scale, become zeros of scale 1.
    ///
    /// nil if one is not finite.
    public init?(_ logits: [Float]) {
      var largest: Float = 0
      for logit in logits {
        guard logit.isFinite else { return nil }
        largest = max(largest, abs(logit))
      }
      let scale = largest / 127
      guard scale.isNormal else {
        self.scale = 1
        values = Array(repeating: 0, count: logits.count)
        return
      }
      self.scale = scale
      values = logits.map { logit in
        Int8(max(-127, min(127, (logit / scale).rounded(.toNearestOrEven))))
      }
    }
  }
#endif
