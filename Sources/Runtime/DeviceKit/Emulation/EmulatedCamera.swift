import Board
import BundleFormat
import Datasets
import DeviceCore
import DeviceSchemes

/// The device behind a camera, made anew when the camera's image has another size.
struct EmulatedCamera {
  private let bundle: ModelBundle
  private let settings: DeviceRun.Settings
  private let timeline: Timeline
  private var size = (width: 0, height: 0)
  private var device: EmulatedDevice?

  init(bundle: ModelBundle, settings: DeviceRun.Settings, timeline: Timeline) {
    self.bundle = bundle
    self.settings = settings
    self.timeline = timeline
  }

  /// The device that takes an image of this size.
  ///
  /// - Throws: ``DeviceError/wrongImageSize(name:width:height:expected:)`` where the bundle has no
  ///   resize; what placing the bundle on the board throws.
  mutating func device(for picture: LabelledImage) throws -> EmulatedDevice {
    if let device, size == (picture.width, picture.height) { return device }
    let input = bundle.manifest.input
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
    var program = settings.device
    program.power = DeviceSettings.Power(board.power)
    let made = EmulatedDevice(
      try PlacedDevice(bundle, camera: size, on: board, settings: program),
      radio: settings.radio, timeline: timeline, serverTime: settings.serverTime,
      seed: settings.seed, codec: HostCodec(bundle.manifest))
    device = made
    return made
  }
}

extension DeviceSettings.Power {
  /// What the device program is told of the board's and the radio's power.
  fileprivate init(_ power: PowerModel) {
    self.init(
      device: Int((1000 * (power.processor + power.radioIdle)).rounded()),
      sending: Int((1000 * (power.radioTransmit - power.radioIdle)).rounded()))
  }
}
