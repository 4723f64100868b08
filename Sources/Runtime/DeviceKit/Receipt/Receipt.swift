import DeviceCore

/// What one inference answered and what it cost: span by span, byte by byte.
///
/// Times are whole microseconds of emulated time, counted from the image.
public struct Receipt: Equatable, Sendable {
  /// Whose answer the device gave.
  public enum Source: String, CaseIterable, Sendable {
    /// Local and remote logits together.
    case combined
    /// Combined, where the server had only the first part of the symbols.
    case prefix
    /// The device's own network alone.
    case local
    /// The server's network alone.
    case remote
    /// There is no answer: the server gave none in time, and the device has none of its own.
    case none
  }

  /// Class indices; `nil` where that half gave no prediction.
  public struct Prediction: Hashable, Sendable {
    public var combined: Int?
    public var local: Int?
    public var remote: Int?

    public init(combined: Int? = nil, local: Int? = nil, remote: Int? = nil) {
      self.combined = combined
      self.local = local
      self.remote = remote
    }
  }

  /// Symbols of the image's features; all 0 where nothing was to be sent.
  public struct Symbols: Equatable, Sendable {
    /// Coded and handed to the radio.
    public var sent = 0
    /// Used by the server for its prediction.
    public var used = 0
    /// Of the whole path.
    public var all = 0

    public init(sent: Int = 0, used: Int = 0, all: Int = 0) {
      self.sent = sent
      self.used = used
      self.all = all
    }
  }

  /// Bytes on the air.
  public struct Bytes: Equatable, Sendable {
    /// The coded features alone, which is what compares with image codecs.
    public var payload = 0
    /// All frames of the request.
    public var up = 0
    /// The whole answer frame.
    public var down = 0

    public init() {}
  }

  /// Energy of one inference, in whole microjoules.
  public struct Energy: Equatable, Sendable {
    public var compute = 0
    public var radio = 0

    public init() {}

    public var total: Int { compute + radio }
  }

  /// The image's position in its set.
  public var index: Int
  /// The image's class, where it is known.
  public var label: Int?
  public var prediction: Prediction
  public var source: Source
  public var symbols: Symbols
  /// What happened up to the answer, by start; a span that goes on beyond it is cut there.
  public var spans: [Span]
  /// From the image to the answer.
  public var totalMicroseconds: Int
  /// The answer was wanted within this; `nil` for no hurry.
  public var deadlineMicroseconds: Int?
  public var bytes: Bytes
  public var energy: Energy
  /// Most bytes of SRAM held at once.
  public var sramPeak: Int
  /// Bytes of flash taken by the plan and the firmware.
  public var flash: Int

  public init(
    index: Int, label: Int?, prediction: Prediction, source: Source, symbols: Symbols,
    spans: [Span], totalMicroseconds: Int, deadlineMicroseconds: Int? = nil, bytes: Bytes,
    energy: Energy, sramPeak: Int, flash: Int
  ) {
    self.index = index
    self.label = label
    self.prediction = prediction
    self.source = source
    self.symbols = symbols
    self.spans = spans
    self.totalMicroseconds = totalMicroseconds
    self.deadlineMicroseconds = deadlineMicroseconds
    self.bytes = bytes
    self.energy = energy
    self.sramPeak = sramPeak
    self.flash = flash
  }

  /// The class that the device answered with.
  public var answer: Int? {
    switch source {
    case .combined, .prefix: prediction.combined
    case .local: prediction.local
    case .remote: prediction.remote
    case .none: nil
    }
  }

  /// How long a stage took in all.
  public func microseconds(in stage: Span.Stage) -> Int {
    spans.reduce(0) { $0 + ($1.stage == stage ? $1.microseconds : 0) }
  }
}

extension Receipt.Source {
  /// As the device program says it.
  init(_ source: DeviceAnswer.Source) {
    switch source {
    case .combined: self = .combined
    case .prefix: self = .prefix
    case .local: self = .local
    case .remote: self = .remote
    case .none: self = .none
    }
  }
}
