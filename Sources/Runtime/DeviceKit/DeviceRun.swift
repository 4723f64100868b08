public import Board
public import BundleFormat
import Datasets
public import DeviceCore
import DeviceSchemes
import OffloadWire

/// A run: a bundle's device half on an emulated board, image after image.
public struct DeviceRun: Sendable {
  /// The emulated device and its time.
  public struct Settings: Sendable {
    public var board: BoardProfile
    public var kernels: KernelPreset
    /// `nil`: the board's fastest.
    public var megahertz: Double?
    public var energy: EnergyProfileName
    /// `nil`: an unshaped link.
    public var radio: RadioProfile?
    public var time: Timeline.Mode
    public var serverTime: ServerTime
    /// For what chance there is in the radio.
    public var seed: UInt64
    /// Deadline, budget, policy and the like.
    public var device: DeviceSettings
    /// The wall clock: what paced time sleeps by, and a run's duration is measured on.
    public var clock: any Clock<Duration> = ContinuousClock()

    public init(
      board: BoardProfile, kernels: KernelPreset, megahertz: Double? = nil,
      energy: EnergyProfileName = .chip, radio: RadioProfile? = nil,
      time: Timeline.Mode = .virtual, serverTime: ServerTime = .measured, seed: UInt64 = 0,
      device: DeviceSettings = DeviceSettings()
    ) {
      self.board = board
      self.kernels = kernels
      self.megahertz = megahertz
      self.energy = energy
      self.radio = radio
      self.time = time
      self.serverTime = serverTime
      self.seed = seed
      self.device = device
      if let radio, device.bytesPerSecond == 0 {
        self.device.bytesPerSecond = Int(radio.uplinkBitsPerSecond / 8)
      }
    }
  }

  /// What a run came to.
  public struct Outcome: Sendable {
    public let summary: ReceiptSummary
    /// Wall time from the first image to the last, in seconds.
    public let seconds: Double
    /// Whether an image that was to be offloaded had to do without the server.
    public let serverFailed: Bool

    public init(summary: ReceiptSummary, seconds: Double, serverFailed: Bool) {
      self.summary = summary
      self.seconds = seconds
      self.serverFailed = serverFailed
    }

    public var imagesPerSecond: Double {
      seconds > 0 ? Double(summary.images) / seconds : 0
    }
  }

  /// Where the server is, and how the device proves that it may use it.
  public struct Server: Sendable {
    public var address: ServerAddress
    /// Empty: none. 256 bytes at most.
    public var token: [UInt8]

    public init(_ address: ServerAddress, token: [UInt8] = []) {
      self.address = address
      self.token = token
    }
  }

  private let bundle: ModelBundle
  private let settings: Settings
  private let digest: BundleDigest

  public init(bundle: ModelBundle, settings: Settings) {
    guard let digest = BundleDigest(bundle.digest) else {
      preconditionFailure("a bundle's digest is a SHA-256")
    }
    self.bundle = bundle
    self.settings = settings
    self.digest = digest
  }

  /// Classifies the images in their order, one at a time.
  ///
  /// Images of another data set than the bundle's cost one warning. So does a server that is lost,
  /// or that refuses a request; every image has its receipt all the same, and the program tries to
  /// reach the server again.
  ///
  /// - Parameters:
  ///   - server: `nil` to run offline. It is not asked for anything where no path has a server's half.
  ///   - warn: takes each warning, a line without its end.
  ///   - each: takes each receipt as it is there; what it throws ends the run.
  /// - Throws: what an image, the bundle or the first connection throws, and
  ///   `DeviceError.unknownLabel` for an image of no class of the bundle's; nothing has run then,
  ///   unless it is a later image that cannot be read or is of no class.
  public func run(
    _ images: ImageSource, server: Server?, warn: (String) -> Void,
    each: (Receipt) async throws -> Void
  ) async throws -> Outcome {
    let timeline = Timeline(settings.time, clock: settings.clock)
    guard images.count > 0 else {
      return Outcome(summary: ReceiptSummary(), seconds: 0, serverFailed: false)
    }
    var camera = EmulatedCamera(bundle: bundle, settings: settings, timeline: timeline)
    let first = try camera.device(for: picture(0, of: images))
    guard server != nil || first.core.answersAlone else { throw DeviceError.noLocalAnswer }
    let session =
      !first.core.wantsServer
      ? nil
      : server.map { server in
        ServerSession(
          .init(
            address: server.address, digest: digest, token: server.token, timeline: timeline,
            longestAnswer: first.core.memory.receive.count, longestBody: longestBody(of: first)))
      }
    try await session?.open()
    if let dataset = images.dataset, dataset != bundle.manifest.dataset {
      warn("the bundle is for \(bundle.manifest.dataset), the images are of \(dataset)")
    }

    var summary = ReceiptSummary()
    var serverFailed = false
    let start = timeline.wallMicroseconds
    do {
      for position in 0..<images.count {
        let picture = try picture(position, of: images)
        let device = try camera.device(for: picture)
        if let connection = await session?.current() {
          try await device.use(connection)
        }
        let inference = try await device.infer(picture)
        if let failure = inference.offloadFailure {
          if !serverFailed, let server {
            let whose = first.core.answersAlone ? "answered locally" : "not answered"
            let outlook =
              failure.linkSurvives
              ? "image \(picture.index) is \(whose), as is any other that it refuses"
              : "images from \(picture.index) on are \(whose) until the server is there again"
            warn("\(server.address): \(failure); \(outlook)")
          }
          serverFailed = true
          if !failure.linkSurvives { await session?.drop() }
        }
        summary.add(inference.receipt)
        try await each(inference.receipt)
      }
    } catch {
      await session?.close()
      throw error
    }
    let seconds = (timeline.wallMicroseconds - start) / 1e6
    await session?.close()
    return Outcome(summary: summary, seconds: seconds, serverFailed: serverFailed)
  }

  private func longestBody(of device: EmulatedDevice) -> Int {
    // The device was made on this plan.
    (try? DeviceCore.longestBody(of: device.image.plan)) ?? 0
  }

  /// The image whose turn it is, if its class is one of the bundle's.
  private func picture(_ position: Int, of images: ImageSource) throws -> LabelledImage {
    let picture = try images.image(position)
    let labels = bundle.manifest.labels.count
    if let label = picture.label, !(0..<labels).contains(label) {
      throw DeviceError.unknownLabel(name: picture.name, label: label, labels: labels)
    }
    return picture
  }
}
