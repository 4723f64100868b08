import Board
import BundleFormat
import Datasets

/// The device half of a scheme: one image in, one receipt out.
///
/// Board, link and time are handed in. A scheme belongs to one task; it takes the board's memory
/// when it is made, and refuses then what does not fit.
public protocol DeviceScheme: AnyObject {
  /// The manifest's name for the scheme.
  static var name: String { get }

  /// Compiles the bundle, places it on the board and takes the memory that it needs.
  ///
  /// - Throws: `SRAMOverflow` or `FlashOverflow` where it does not fit, ``DeviceError`` where the
  ///   bundle lacks what the scheme stands on, and what the compiler throws.
  init(bundle: ModelBundle, in setting: DeviceSetting) throws

  /// Whether the device has an answer of its own when there is no server.
  var answersAlone: Bool { get }

  /// Bytes of the longest frame that the device takes from the server, header included.
  var longestAnswer: Int { get }

  /// Bytes of the longest frame that the device may send, header included.
  var longestRequest: Int { get }

  /// Classifies one image, on both halves where there is a link.
  ///
  /// A link that fails in the middle costs nothing but the server's half: the receipt then holds the
  /// device's own answer, and ``Inference/offloadFailure`` says what happened.
  ///
  /// - Parameters:
  ///   - picture: RGB, of the size that the scheme's camera delivers.
  ///   - link: `nil` where there is no server for now.
  /// - Throws: ``DeviceError`` where there is no answer to give, ``OffloadFailure`` where the
  ///   device has none of its own and the server gave none.
  func infer(_ picture: LabelledImage, over link: (any OffloadLink)?) async throws -> Inference
}

/// What came of one image.
public struct Inference: Sendable {
  public let receipt: Receipt
  /// Why the server's half is missing although there was a link.
  public let offloadFailure: OffloadFailure?

  public init(receipt: Receipt, offloadFailure: OffloadFailure? = nil) {
    self.receipt = receipt
    self.offloadFailure = offloadFailure
  }
}

/// What a scheme's device half is made with.
public struct DeviceSetting {
  /// With nothing placed in it but the program itself.
  public var board: Board
  public var timeline: Timeline
  public var serverTime: ServerTime
  /// Pixels that the camera delivers.
  public var camera: (width: Int, height: Int)

  public init(
    board: Board, timeline: Timeline, serverTime: ServerTime, camera: (width: Int, height: Int)
  ) {
    self.board = board
    self.timeline = timeline
    self.serverTime = serverTime
    self.camera = camera
  }
}

/// The schemes that a device can run.
public enum DeviceSchemes {
  static var all: [any DeviceScheme.Type] { [AgileNNDevice.self] }

  /// The device half that a bundle's manifest names, compiled, placed and ready.
  ///
  /// - Throws: ``DeviceError/unknownScheme(_:known:)``, and as ``DeviceScheme/init(bundle:in:)``.
  public static func open(_ bundle: ModelBundle, in setting: DeviceSetting) throws
    -> any DeviceScheme
  {
    let name = bundle.manifest.scheme
    guard let scheme = all.first(where: { $0.name == name }) else {
      throw DeviceError.unknownScheme(name, known: all.map { $0.name })
    }
    return try scheme.init(bundle: bundle, in: setting)
  }
}
