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
