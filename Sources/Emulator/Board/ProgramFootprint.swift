/// The memory that the device program takes whatever model it runs, in bytes.
public struct ProgramFootprint: Equatable, Sendable {
  /// SRAM set aside for the stack.
  public let stack: Int
  /// SRAM of static data.
  public let staticData: Int
  /// Flash of the program's code and constants.
  public let code: Int

  /// Stands in a board's file for the figures of the firmware, which `Config/firmware.yaml` has.
  private static let ofFirmware = "firmware"

  /// - Parameters:
  ///   - node: a board's `program`: three figures, or the word `firmware`.
  ///   - firmware: gives the file with the firmware's figures.
  init(
    reading node: ConfigNode, firmware: () throws(ConfigError) -> ConfigNode
  ) throws(ConfigError) {
    guard let word = try? node.string() else {
      try self.init(node.mapping(required: ["stack", "static", "code"]))
      return
    }
    guard word == Self.ofFirmware else {
      throw node.malformed("expected '\(Self.ofFirmware)', or stack, static and code")
    }
    let figures = ["stack", "static", "code"]
    try self.init(firmware().mapping(required: figures, optional: ["stackUsed", "compiler"]))
  }

  private init(_ keys: [String: ConfigNode]) throws(ConfigError) {
    stack = try keys.value("stack").integer(in: 0...(1 << 30))
    staticData = try keys.value("static").integer(in: 0...(1 << 30))
    code = try keys.value("code").integer(in: 0...(1 << 30))
  }
}
