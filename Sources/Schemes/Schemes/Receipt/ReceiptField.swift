import Report

/// The numeric fields of a receipt: one list for the receipt itself and for the mean over many.
public enum ReceiptField: Int, CaseIterable, Sendable {
  case local, compress, uplink, queue, decode, run, downlink, combine
  case total
  case payload, up, down
  case compute, radio, energy
  case sramPeak, flash

  /// The stages in the order in which they happen.
  public static let stages: [ReceiptField] = [
    .local, .compress, .uplink, .queue, .decode, .run, .downlink, .combine,
  ]

  /// The members that carry these fields in a receipt's JSON, in its order.
  public static func members(_ value: (ReceiptField) -> JSONValue) -> [JSONValue.Member] {
    func group(_ fields: KeyValuePairs<String, ReceiptField>) -> JSONValue {
      .object(fields.map { .init($0.key, value($0.value)) })
    }
    return [
      .init(
        "stagesMicroseconds",
        group([
          "local": .local, "compress": .compress, "uplink": .uplink, "queue": .queue,
          "decode": .decode, "run": .run, "downlink": .downlink, "combine": .combine,
        ])),
      .init("totalMicroseconds", value(.total)),
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
    case .local: stages.local
    case .compress: stages.compress
    case .uplink: stages.uplink
    case .queue: stages.queue
    case .decode: stages.decode
    case .run: stages.run
    case .downlink: stages.downlink
    case .combine: stages.combine
    case .total: stages.total
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
        .init("complete", .bool(complete)),
        .init("source", .string(source.rawValue)),
      ] + ReceiptField.members { .integer(self[$0]) })
  }
}
