public import Report

/// The numeric fields of a receipt: one list for the receipt itself and for the mean over many.
public enum ReceiptField: Int, CaseIterable, Sendable {
  case total
  case payload, up, down
  case compute, radio, energy
  case sramPeak, flash

  /// The members that carry these fields in a receipt's JSON, in its order.
  public static func members(_ value: (ReceiptField) -> JSONValue) -> [JSONValue.Member] {
    members(value, before: [])
  }

  /// - Parameter deadline: what stands between the total and the bytes.
  static func members(
    _ value: (ReceiptField) -> JSONValue, before deadline: [JSONValue.Member]
  ) -> [JSONValue.Member] {
    func group(_ fields: KeyValuePairs<String, ReceiptField>) -> JSONValue {
      .object(fields.map { .init($0.key, value($0.value)) })
    }
    return [.init("totalMicroseconds", value(.total))] + deadline + [
      .init("bytes", group(["payload": .payload, "up": .up, "down": .down])),
      .init(
        "energyMicrojoules",
        group(["compute": .compute, "radio": .radio, "total": .energy])),
      .init("sramPeak", value(.sramPeak)),
      .init("flash", value(.flash)),
    ]
  }
}

extension Receipt {
  /// The field's value: microseconds, bytes or microjoules.
  public subscript(field: ReceiptField) -> Int {
    switch field {
    case .total: totalMicroseconds
    case .payload: bytes.payload
    case .up: bytes.up
    case .down: bytes.down
    case .compute: energy.compute
    case .radio: energy.radio
    case .energy: energy.total
    case .sramPeak: sramPeak
    case .flash: flash
    }
  }

  /// The receipt as one JSON object; its `text` is the line that `--json` prints.
  public var json: JSONValue {
    .object(
      [
        .init("index", .integer(index)),
        .init("label", .optional(label)),
        .init(
          "prediction",
          .object([
            .init("combined", .optional(prediction.combined)),
            .init("local", .optional(prediction.local)),
            .init("remote", .optional(prediction.remote)),
          ])),
        .init("source", .string(source.rawValue)),
        .init(
          "symbols",
          .object([
            .init("sent", .integer(symbols.sent)), .init("used", .integer(symbols.used)),
            .init("all", .integer(symbols.all)),
          ])),
        .init("spans", .array(spans.map(\.json))),
      ]
        + ReceiptField.members(
          { .integer(self[$0]) },
          before: [.init("deadlineMicroseconds", .optional(deadlineMicroseconds))]))
  }
}

extension Span {
  fileprivate var json: JSONValue {
    .object([
      .init("stage", .string(stage.rawValue)), .init("lane", .string(lane.rawValue)),
      .init("start", .integer(start)), .init("end", .integer(end)),
    ])
  }
}
