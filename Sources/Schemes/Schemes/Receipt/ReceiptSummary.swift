import Report

/// What many receipts come to: accuracies and means. Constant memory, whatever their number.
public struct ReceiptSummary: Sendable {
  /// Right answers out of the predictions made for images whose class is known.
  public struct Tally: Equatable, Sendable {
    public private(set) var right = 0
    public private(set) var judged = 0

    mutating func judge(_ prediction: Int?, label: Int?) {
      guard let prediction, let label else { return }
      judged += 1
      if prediction == label { right += 1 }
    }

    /// In percent; `nil` where nothing could be judged.
    public var accuracy: Double? {
      judged == 0 ? nil : 100 * Double(right) / Double(judged)
    }
  }

  public private(set) var images = 0
  /// What the device answered, whatever the source.
  public private(set) var answered = Tally()
  public private(set) var combined = Tally()
  public private(set) var local = Tally()
  public private(set) var remote = Tally()
  private var counts = [Int](repeating: 0, count: Receipt.Source.allCases.count)
  private var sums = [Int](repeating: 0, count: ReceiptField.allCases.count)

  public init() {}

  public mutating func add(_ receipt: Receipt) {
    images += 1
    answered.judge(receipt.answer, label: receipt.label)
    combined.judge(receipt.prediction.combined, label: receipt.label)
    local.judge(receipt.prediction.local, label: receipt.label)
    remote.judge(receipt.prediction.remote, label: receipt.label)
    for (position, source) in Receipt.Source.allCases.enumerated() where source == receipt.source {
      counts[position] += 1
    }
    for field in ReceiptField.allCases {
      sums[field.rawValue] += receipt[field]
    }
  }

  /// How many answers came from `source`.
  public func count(of source: Receipt.Source) -> Int {
    zip(Receipt.Source.allCases, counts).first { $0.0 == source }?.1 ?? 0
  }

  /// The field's mean; 0 where there is no receipt.
  public func mean(_ field: ReceiptField) -> Double {
    images == 0 ? 0 : Double(sums[field.rawValue]) / Double(images)
  }

  /// `{"images":…,"accuracy":{…},"mean":{…},"imagesPerSecond":…}`, accuracies in percent; an
  /// accuracy is `null` where no image had both a class and that prediction.
  public func json(imagesPerSecond: Double) -> JSONValue {
    .object([
      .init("images", .integer(images)),
      .init(
        "accuracy",
        .object([
          .init("combined", .optional(combined.accuracy)),
          .init("local", .optional(local.accuracy)),
          .init("remote", .optional(remote.accuracy)),
        ])),
      .init("mean", .object(ReceiptField.members { .number(mean($0)) })),
      .init("imagesPerSecond", .number(imagesPerSecond)),
    ])
  }
}
