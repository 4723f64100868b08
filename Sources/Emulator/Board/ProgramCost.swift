/// What the device program's own work costs beside the operators, in cycles.
public struct ProgramCost: Equatable, Sendable {
  /// For each feature value mapped to a symbol by table.
  public let quantisePerSymbol: Double
  /// For each symbol that the coder takes in.
  public let encodePerSymbol: Double
  /// For each byte that the coder gives out.
  public let encodePerByte: Double
  /// For each frame built and handed to the radio module.
  public let framePerFrame: Double
  /// For each byte of it.
  public let framePerByte: Double
  /// For each class whose two logits are dequantised, weighed, added and compared.
  public let combinePerClass: Double

  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(required: ["quantise", "encode", "frame", "combine"])
    let quantise = try keys.value("quantise").mapping(required: ["symbol"])
    quantisePerSymbol = try quantise.value("symbol").number(in: 0...1e9)
    let encode = try keys.value("encode").mapping(required: ["symbol", "byte"])
    encodePerSymbol = try encode.value("symbol").number(in: 0...1e9)
    encodePerByte = try encode.value("byte").number(in: 0...1e9)
    let frame = try keys.value("frame").mapping(required: ["setup", "byte"])
    framePerFrame = try frame.value("setup").number(in: 0...1e9)
    framePerByte = try frame.value("byte").number(in: 0...1e9)
    let combine = try keys.value("combine").mapping(required: ["class"])
    combinePerClass = try combine.value("class").number(in: 0...1e9)
  }
}
