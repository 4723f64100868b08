public import Report

/// What many receipts come to: accuracies, means and quantiles.
///
/// Memory: four bytes an image, so that quantiles are exact.
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

    /// No answer is no right one, where the class is known.
    mutating func judge(answer: Int?, label: Int?) {
      guard let label else { return }
      judged += 1
      if answer == label { right += 1 }
    }

    /// In percent; `nil` where nothing could be judged.
    public var accuracy: Double? {
      judged == 0 ? nil : 100 * Double(right) / Double(judged)
    }
  }

  public private(set) var images = 0
  /// What the device answered, whatever the source; an image without an answer counts as wrong.
  public private(set) var answered = Tally()
  public private(set) var combined = Tally()
  public private(set) var local = Tally()
  public private(set) var remote = Tally()
  /// Answers that came after their deadline, or not at all.
  public private(set) var missed = 0
  private var counts = [Int](repeating: 0, count: Receipt.Source.allCases.count)
  private var sums = [Int](repeating: 0, count: ReceiptField.allCases.count)
  private var stageSums: [Span.Stage: Int] = [:]
  private var criticalSums: [Span.Stage: Int] = [:]
  private var totals: [UInt32] = []

  public init() {}

  public mutating func add(_ receipt: Receipt) {
    images += 1
    answered.judge(answer: receipt.answer, label: receipt.label)
    combined.judge(receipt.prediction.combined, label: receipt.label)
    local.judge(receipt.prediction.local, label: receipt.label)
    remote.judge(receipt.prediction.remote, label: receipt.label)
    if receipt.source == .none
      || receipt.deadlineMicroseconds.map({ receipt.totalMicroseconds > $0 }) ?? false
    {
      missed += 1
    }
    for (position, source) in Receipt.Source.allCases.enumerated() where source == receipt.source {
      counts[position] += 1
    }
    for field in ReceiptField.allCases {
      sums[field.rawValue] += receipt[field]
    }
    for span in receipt.spans { stageSums[span.stage, default: 0] += span.microseconds }
    for (stage, share) in receipt.spans.criticalPath(total: receipt.totalMicroseconds) {
      criticalSums[stage, default: 0] += share
    }
    totals.append(UInt32(clamping: receipt.totalMicroseconds))
  }

  /// How many answers came from `source`.
  public func count(of source: Receipt.Source) -> Int {
    zip(Receipt.Source.allCases, counts).first { $0.0 == source }?.1 ?? 0
  }

  /// The field's mean; 0 where there is no receipt.
  public func mean(_ field: ReceiptField) -> Double { mean(of: sums[field.rawValue]) }

  /// How long a stage takes in all, in the mean, in microseconds.
  public func mean(_ stage: Span.Stage) -> Double { mean(of: stageSums[stage] ?? 0) }

  /// How much of that the answer had to wait for, in the mean, in microseconds.
  public func meanCritical(_ stage: Span.Stage) -> Double { mean(of: criticalSums[stage] ?? 0) }

  /// The stages that occur, in their order.
  public var stages: [Span.Stage] { Span.Stage.allCases.filter { stageSums[$0] != nil } }

  private func mean(of sum: Int) -> Double {
    images == 0 ? 0 : Double(sum) / Double(images)
  }

  /// The end-to-end time that a share of the images does not exceed, in microseconds: the smallest
  /// of them of which that is true; 0 where there is no receipt.
  ///
  /// - Parameter share: above 0, 1 at most.
  public func quantile(_ share: Double) -> Int {
    guard !totals.isEmpty else { return 0 }
    let rank = Int((share * Double(totals.count)).rounded(.up))
    return Int(totals.sorted()[min(max(rank, 1), totals.count) - 1])
  }

  /// `{"images":…,"accuracy":{…},"sources":{…},"mean":{…},"p50":…,"p99":…,"byStage":{…},
  /// "serverMicroseconds":…,"imagesPerSecond":…}`, accuracies in percent; an accuracy is `null` where
  /// no image had both a class and that prediction, the server's time where it was measured for each.
  public func json(imagesPerSecond: Double, serverTime: ServerTime) -> JSONValue {
    .object([
      .init("images", .integer(images)),
      .init(
        "accuracy",
        .object([
          .init("combined", .optional(combined.accuracy)),
          .init("local", .optional(local.accuracy)),
          .init("remote", .optional(remote.accuracy)),
          .init("answered", .optional(answered.accuracy)),
        ])),
      .init(
        "sources",
        .object(Receipt.Source.allCases.map { .init($0.rawValue, .integer(count(of: $0))) })),
      .init("missed", .integer(missed)),
      .init("mean", .object(ReceiptField.members { .number(mean($0)) })),
      .init("p50", .integer(quantile(0.5))),
      .init("p99", .integer(quantile(0.99))),
      .init(
        "byStage",
        .object(
          stages.map { stage in
            .init(
              stage.rawValue,
              .object([
                .init("mean", .number(mean(stage))),
                .init(
                  "criticalShare",
                  .number(mean(.total) > 0 ? meanCritical(stage) / mean(.total) : 0)),
              ]))
          })),
      .init("serverMicroseconds", .optional(serverTime.pinnedMicroseconds)),
      .init("imagesPerSecond", .number(imagesPerSecond)),
    ])
  }
}
