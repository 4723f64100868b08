/// What one inference answered and what it cost: stage by stage, byte by byte.
///
/// The stages are whole microseconds of emulated time, and nothing happens between them: their sum
/// is the end-to-end time.
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

  /// Emulated time by stage, in microseconds, in the order in which the stages happen.
  public struct Stages: Equatable, Sendable {
    /// Camera image to features and local logits.
    public var local = 0
    /// Quantise, code and frame the features.
    public var compress = 0
    /// The request on its way to the server.
    public var uplink = 0
    /// Waiting on the server for others' work.
    public var queue = 0
    /// The server turns the payload back into features.
    public var decode = 0
    /// The server runs the remote network. A pinned server time stands here whole.
    public var run = 0
    /// The answer on its way back.
    public var downlink = 0
    /// Check the answer and combine it with the local logits.
    public var combine = 0

    public init() {}

    /// End-to-end time, in microseconds.
    public var total: Int {
      local + compress + uplink + queue + decode + run + downlink + combine
    }
  }

  /// Bytes on the air.
  public struct Bytes: Equatable, Sendable {
    /// The coded features alone, which is what compares with image codecs.
    public var payload = 0
    /// The whole request frame.
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
  /// Whether the server used every symbol.
  public var complete: Bool
  public var source: Source
  public var stages: Stages
  public var bytes: Bytes
  public var energy: Energy
  /// Most bytes of SRAM held at once.
  public var sramPeak: Int
  /// Bytes of flash taken by the plan and the firmware.
  public var flash: Int

  public init(
    index: Int, label: Int?, prediction: Prediction, complete: Bool, source: Source,
    stages: Stages, bytes: Bytes, energy: Energy, sramPeak: Int, flash: Int
  ) {
    self.index = index
    self.label = label
    self.prediction = prediction
    self.complete = complete
    self.source = source
    self.stages = stages
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
    }
  }
}
