/// A radio link, from `Config/radios/NAME.yaml`. Times are in microseconds of emulated time.
public struct RadioProfile: Equatable, Sendable {
  public let name: String
  /// Bits a second from the device to the server.
  public let uplinkBitsPerSecond: Double
  /// Bits a second from the server to the device.
  public let downlinkBitsPerSecond: Double
  /// The time that bits need there and back beyond their own length; half of it each way.
  public let roundTripMicroseconds: Double
  /// Each transfer is late by a time drawn evenly from 0 to this.
  public let jitterMicroseconds: Double
  public let segments: Segmentation
  public let loss: Loss
  public let outages: [Outage]
  /// The radio module's currents, for the chip energy profile.
  public let module: RadioModule

  /// How a frame is cut for the air.
  public struct Segmentation: Equatable, Sendable {
    /// The most bytes of a frame in one segment; nil where a frame goes as one.
    public let payloadBytes: Int?
    /// Header bytes sent with each segment at the link's rate.
    public let headerBytes: Int
    /// Time on the air that each segment costs beyond its bytes.
    public let airMicroseconds: Double

    public init(payloadBytes: Int? = nil, headerBytes: Int = 0, airMicroseconds: Double = 0) {
      self.payloadBytes = payloadBytes
      self.headerBytes = headerBytes
      self.airMicroseconds = airMicroseconds
    }
  }

  /// Segments that are lost and sent again.
  public struct Loss: Equatable, Sendable {
    /// The chance that a segment is lost, 0 to 0.9.
    public let probability: Double
    /// The time after which the first repetition is sent; it doubles with each further one, up to
    /// a minute (RFC 6298).
    public let timeoutMicroseconds: Double

    public init(probability: Double = 0, timeoutMicroseconds: Double = 0) {
      self.probability = probability
      self.timeoutMicroseconds = timeoutMicroseconds
    }
  }

  /// A time when nothing gets through.
  public struct Outage: Equatable, Sendable {
    /// When it begins, in emulated time.
    public let startMicroseconds: Double
    public let durationMicroseconds: Double
    /// After how long it begins again; nil for once only.
    public let periodMicroseconds: Double?

    public init(
      startMicroseconds: Double, durationMicroseconds: Double, periodMicroseconds: Double? = nil
    ) {
      self.startMicroseconds = startMicroseconds
      self.durationMicroseconds = durationMicroseconds
      self.periodMicroseconds = periodMicroseconds
    }
  }

  public init(
    name: String, uplinkBitsPerSecond: Double, downlinkBitsPerSecond: Double,
    roundTripMicroseconds: Double = 0, jitterMicroseconds: Double = 0,
    segments: Segmentation = Segmentation(), loss: Loss = Loss(), outages: [Outage] = [],
    module: RadioModule
  ) {
    self.name = name
    self.uplinkBitsPerSecond = uplinkBitsPerSecond
    self.downlinkBitsPerSecond = downlinkBitsPerSecond
    self.roundTripMicroseconds = roundTripMicroseconds
    self.jitterMicroseconds = jitterMicroseconds
    self.segments = segments
    self.loss = loss
    self.outages = outages
    self.module = module
  }

  init(reading file: ConfigNode) throws(ConfigError) {
    let keys = try file.mapping(
      required: ["name", "rate", "module"],
      optional: ["roundTrip", "jitter", "segments", "loss", "outages"])
    name = try keys.value("name").string()
    let rate = try keys.value("rate").mapping(required: ["up", "down"])
    uplinkBitsPerSecond = try rate.value("up").number(in: 100...1e12)
    downlinkBitsPerSecond = try rate.value("down").number(in: 100...1e12)
    roundTripMicroseconds = try keys["roundTrip"]?.number(in: 0...1e9) ?? 0
    jitterMicroseconds = try keys["jitter"]?.number(in: 0...1e9) ?? 0
    segments = try Segmentation(reading: keys["segments"])
    loss = try Loss(reading: keys["loss"])
    var outages: [Outage] = []
    for entry in try keys["outages"]?.sequence() ?? [] {
      outages.append(try Outage(reading: entry))
    }
    let silence = outages.reduce(0) { sum, outage in
      sum + (outage.periodMicroseconds.map { outage.durationMicroseconds / $0 } ?? 0)
    }
    guard silence < 0.99 else {
      throw file.malformed("outages: together they leave no time for anything to get through")
    }
    self.outages = outages
    module = try RadioModule(reading: keys.value("module"))
  }
}

extension RadioProfile.Segmentation {
  init(reading node: ConfigNode?) throws(ConfigError) {
    guard let node else {
      self.init()
      return
    }
    let keys = try node.mapping(required: ["payload"], optional: ["header", "air"])
    self.init(
      payloadBytes: try keys.value("payload").integer(in: 1...(1 << 20)),
      headerBytes: try keys["header"]?.integer(in: 0...(1 << 16)) ?? 0,
      airMicroseconds: try keys["air"]?.number(in: 0...1e9) ?? 0)
  }
}

extension RadioProfile.Loss {
  init(reading node: ConfigNode?) throws(ConfigError) {
    guard let node else {
      self.init()
      return
    }
    let keys = try node.mapping(required: ["probability", "timeout"])
    self.init(
      probability: try keys.value("probability").number(in: 0...0.9),
      timeoutMicroseconds: try keys.value("timeout").number(in: 1...60e6))
  }
}

extension RadioProfile.Outage {
  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(required: ["start", "duration"], optional: ["every"])
    self.init(
      startMicroseconds: try keys.value("start").number(in: 0...1e12),
      durationMicroseconds: try keys.value("duration").number(in: 1000...1e12),
      periodMicroseconds: try keys["every"]?.number(in: 1000...1e12))
  }
}
