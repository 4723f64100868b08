import Board
import BundleFormat
import Datasets
import Link
import OffloadWire
import Schemes

/// The device program: a bundle's scheme on an emulated board, image after image.
public struct DeviceProgram {
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
    /// The wall clock: what paced time sleeps by, and a run's duration is measured on.
    public var clock: any Clock<Duration> = ContinuousClock()

    public init(
      board: BoardProfile, kernels: KernelPreset, megahertz: Double? = nil,
      energy: EnergyProfileName = .chip, radio: RadioProfile? = nil,
      time: Timeline.Mode = .virtual, serverTime: ServerTime = .measured, seed: UInt64 = 0
    ) {
      self.board = board
      self.kernels = kernels
      self.megahertz = megahertz
      self.energy = energy
      self.radio = radio
      self.time = time
      self.serverTime = serverTime
      self.seed = seed
    }
  }

  /// What a run came to.
  public struct Outcome {
    public let summary: ReceiptSummary
    /// Wall time from the first image to the last, in seconds.
    public let seconds: Double
    /// Whether an image that was to be offloaded had to be answered by the device alone.
    public let serverFailed: Bool

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
  /// or that refuses a request; every image is answered all the same, by the device alone, while
  /// the program tries to reach the server again.
  ///
  /// - Parameters:
  ///   - server: `nil` to run offline.
  ///   - warn: takes each warning, a line without its end.
  ///   - each: takes each receipt as it is there; what it throws ends the run.
  /// - Throws: what an image, the scheme or the first connection throws, and
  ///   `DeviceError.unknownLabel` for an image of no class of the bundle's; nothing has run then,
  ///   unless it is a later image that cannot be read or is of no class.
  public func run(
    _ images: ImageSource, server: Server?, warn: (String) -> Void,
    each: (Receipt) async throws -> Void
  ) async throws -> Outcome {
    let timeline = Timeline(settings.time, clock: settings.clock)
    var camera = Camera(program: self, timeline: timeline)
    guard images.count > 0 else {
      return Outcome(summary: ReceiptSummary(), seconds: 0, serverFailed: false)
    }
    let first = try camera.scheme(for: picture(0, of: images))
    guard server != nil || first.answersAlone else { throw DeviceError.noLocalAnswer }
    let session = server.map { server in
      ServerSession(
        .init(
          address: server.address, digest: digest, token: server.token, radio: settings.radio,
          timeline: timeline, seed: settings.seed, longestAnswer: first.longestAnswer,
          longestRequest: first.longestRequest))
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
        let scheme = try camera.scheme(for: picture)
        let link = await session?.current()
        let inference = try await infer(picture, by: scheme, over: link, server: server)
        if let failure = inference.offloadFailure {
          if !serverFailed, let server {
            let outlook =
              failure.linkSurvives
              ? "image \(picture.index) is answered locally, as is any other that it refuses"
              : "answering locally from image \(picture.index) on, and trying the server again"
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

  /// The image whose turn it is, if its class is one of the bundle's.
  private func picture(_ position: Int, of images: ImageSource) throws -> LabelledImage {
    let picture = try images.image(position)
    let labels = bundle.manifest.labels.count
    if let label = picture.label, !(0..<labels).contains(label) {
      throw DeviceError.unknownLabel(name: picture.name, label: label, labels: labels)
    }
    return picture
  }

  private func infer(
    _ picture: LabelledImage, by scheme: any DeviceScheme, over link: Link?,
    server: Server?
  ) async throws -> Inference {
    do {
      return try await scheme.infer(picture, over: link)
    } catch let failure as OffloadFailure {
      guard let server else { throw failure }
      throw SessionError.unanswered(server.address, reason: failure.description)
    }
  }

  /// The scheme behind the camera, made anew when the camera's image has another size.
  private struct Camera {
    let program: DeviceProgram
    let timeline: Timeline
    private var size = (width: 0, height: 0)
    private var scheme: (any DeviceScheme)?

    init(program: DeviceProgram, timeline: Timeline) {
      self.program = program
      self.timeline = timeline
    }

    mutating func scheme(for picture: LabelledImage) throws -> any DeviceScheme {
      if let scheme, size == (picture.width, picture.height) { return scheme }
      let settings = program.settings
      let input = program.bundle.manifest.input
      guard input.resize != .none || (picture.width, picture.height) == (input.width, input.height)
      else {
        throw DeviceError.wrongImageSize(
          name: picture.name, width: picture.width, height: picture.height,
          expected: "\(input.width)x\(input.height), and the bundle has no resize")
      }
      size = (picture.width, picture.height)
      let board = try Board(
        profile: settings.board, preset: settings.kernels, megahertz: settings.megahertz,
        energy: settings.energy, radio: settings.radio)
      let made = try DeviceSchemes.open(
        program.bundle,
        in: DeviceSetting(
          board: board, timeline: timeline, serverTime: settings.serverTime, camera: size))
      scheme = made
      return made
    }
  }
}
