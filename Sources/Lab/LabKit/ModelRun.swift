import Board
import DeviceSchemes
public import Foundation
import MCUKernels
public import PlanCompiler
public import Report

/// One inference of a bare model on the emulated board.
public struct ModelRun {
  /// An output tensor and its bytes, little-endian.
  public struct Output {
    public let tensor: TensorSummary
    public let bytes: [UInt8]
  }

  public let inspection: Inspection
  /// In the subgraph's order.
  public let outputs: [Output]

  /// - Parameters:
  ///   - model: a `.tflite` file.
  ///   - input: a file with the bytes of all inputs, in the subgraph's order, nothing between them.
  /// - Throws: what reading and compiling throw; `SRAMOverflow` or `FlashOverflow` where the model
  ///   does not fit; ``LabError/wrongInputLength(file:bytes:expected:inputs:)``.
  public init(model: URL, input: URL, on bench: Inspection.Bench) throws {
    let inspection = try Inspection(model: model, on: bench)
    let plan = inspection.plan
    var board = try bench.emptyBoard()
    try board.flash.place("plan", bytes: plan.image.count)
    let arena = try board.sram.allocate("activations", bytes: plan.arenaSize)

    let wanted = plan.inputs.reduce(0) { $0 + $1.byteCount }
    var rest = try Self.read(input, expecting: wanted, plan: plan)[...]
    for tensor in plan.inputs {
      let place = UnsafeMutableRawBufferPointer(
        rebasing: arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
      place.copyBytes(from: rest.prefix(tensor.byteCount))
      rest = rest.dropFirst(tensor.byteCount)
    }
    try PlanImage(plan.image).plan.run(arena: arena)
    outputs = plan.outputs.map { tensor in
      Output(
        tensor: tensor, bytes: Array(arena[tensor.offset..<(tensor.offset + tensor.byteCount)]))
    }
    self.inspection = inspection
  }

  /// One JSON object: outputs in base64, costs, memory.
  public var json: JSONValue {
    .object(
      [.init("outputs", .array(outputs.map(Self.json(of:))))]
        + inspection.cost.members + inspection.memory.members)
  }

  /// The same for people: the outputs' values, then costs and memory.
  public var text: String {
    var text = ""
    for output in outputs {
      let shape = output.tensor.shape.map(String.init).joined(separator: "x")
      text += "\(output.tensor.name) \(output.tensor.type) [\(shape)]: "
      text += output.values.map { "\($0)" }.joined(separator: " ") + "\n"
    }
    let cost = inspection.cost
    var table = TextTable(header: ["preset", "cycles", "ms"])
    for (position, preset) in cost.presets.enumerated() {
      table.add([
        preset.name, "\(cost.cycles[position])",
        String(format: "%.3f", cost.milliseconds[position]),
      ])
    }
    let memory = inspection.memory
    return text + "\n" + table.text
      + "\nSRAM at its peak: \(memory.sramPeak) of \(memory.sramCapacity) bytes\n"
      + "flash: \(memory.flash) of \(memory.flashCapacity) bytes\n"
  }

  private static func read(
    _ url: URL, expecting wanted: Int, plan: CompiledPlan
  ) throws -> [UInt8] {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw LabError.noSuchFile(url.path)
    }
    guard let handle = try? FileHandle(forReadingFrom: url),
      // One byte more than the model takes is enough to see that there are too many.
      let read = try? handle.read(upToCount: wanted + 1) as Data??
    else { throw LabError.unreadable(url.path) }
    let data = read ?? Data()
    guard data.count == wanted else {
      throw LabError.wrongInputLength(
        file: url.path, bytes: data.count < wanted ? data.count : nil, expected: wanted,
        inputs: plan.inputs.map { "\($0.name) \($0.type) \($0.shape)" }.joined(separator: ", "))
    }
    return [UInt8](data)
  }

  private static func json(of output: Output) -> JSONValue {
    .object([
      .init("name", .string(output.tensor.name)),
      .init("shape", .array(output.tensor.shape.map(JSONValue.integer))),
      .init("type", .string(output.tensor.type)),
      .init("scale", .optional(output.tensor.scale.map(Double.init))),
      .init("zeroPoint", .optional(output.tensor.zeroPoint)),
      .init("data", .string(Data(output.bytes).base64EncodedString())),
    ])
  }
}

extension ModelRun.Output {
  /// The elements as numbers: integers as they are, float32 as float32.
  var values: [any CustomStringConvertible] {
    switch tensor.type {
    case "int8": bytes.map { Int8(bitPattern: $0) }
    case "uint8": bytes
    default:
      stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
        let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
        return Float(bitPattern: bits)
      }
    }
  }
}
