import MCUIntrinsics

/// The quantised range that an operator's outputs are held in.
struct OutputRange {
  let zeroPoint: Int32
  let low: Int32
  let high: Int32

  init(_ record: OperatorRecord) {
    zeroPoint = record.signed(.outputZeroPoint)
    low = record.signed(.activationMinimum)
    high = record.signed(.activationMaximum)
  }
}

extension mcu_range {
  /// The same with the form of a convolution's or a dense layer's channel rows.
  @inline(__always)
  init(_ record: OperatorRecord) {
    self.init(
      zero_point: record.signed(.outputZeroPoint), low: record.signed(.activationMinimum),
      high: record.signed(.activationMaximum), quick: record.has(PlanFormat.flagQuickRows))
  }
}
