/// A piece of a FlatBuffers file, for tests that need files which no converter would write.
indirect enum FlatNode {
  /// Fields by number: inline bytes, or a node that an offset refers to.
  case table([Int: Field])
  /// A vector of inline elements.
  case vector(elementSize: Int, [UInt8])
  /// A vector of offsets.
  case nodes([FlatNode])
  /// As many references to one copy of a node.
  case repeated(FlatNode, count: Int)
  case string(String)

  enum Field {
    case inline([UInt8])
    case offset(FlatNode)
    /// An offset of this value, wherever it leads.
    case wild(UInt32)
  }

  static func int32s(_ values: [Int32]) -> FlatNode {
    .vector(elementSize: 4, values.flatMap { littleEndian($0) })
  }

  static func int64s(_ values: [Int64]) -> FlatNode {
    .vector(elementSize: 8, values.flatMap { littleEndian($0) })
  }

  static func floats(_ values: [Float]) -> FlatNode {
    .vector(elementSize: 4, values.flatMap { littleEndian($0.bitPattern) })
  }

  static func bytes(_ values: [UInt8]) -> FlatNode {
    .vector(elementSize: 1, values)
  }
}

extension FlatNode.Field {
  static func int8(_ value: Int8) -> Self { .inline(littleEndian(value)) }
  static func byte(_ value: UInt8) -> Self { .inline([value]) }
  static func int32(_ value: Int32) -> Self { .inline(littleEndian(value)) }
  static func uint32(_ value: UInt32) -> Self { .inline(littleEndian(value)) }
  static func uint64(_ value: UInt64) -> Self { .inline(littleEndian(value)) }
  static func float(_ value: Float) -> Self { .inline(littleEndian(value.bitPattern)) }
}

func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}

/// Lays nodes out one behind another, without any alignment: parents first, for offsets to tables
/// and vectors point forward, a table's vtable right before it.
struct FlatBufferWriter {
  private(set) var bytes: [UInt8] = []

  /// A whole file, identifier included.
  static func file(_ root: FlatNode, identifier: String = "TFL3") -> [UInt8] {
    var writer = FlatBufferWriter()
    writer.bytes = [0, 0, 0, 0] + identifier.utf8
    writer.refer(from: 0, to: writer.place(root))
    return writer.bytes
  }

  private mutating func refer(from slot: Int, to target: Int) {
    bytes.replaceSubrange(slot..<(slot + 4), with: littleEndian(UInt32(target - slot)))
  }

  private mutating func place(_ node: FlatNode) -> Int {
    switch node {
    case .table(let fields): return placeTable(fields)
    case .vector(let elementSize, let content):
      return placeVector(count: content.count / elementSize, content)
    case .string(let text): return placeVector(count: text.utf8.count, [UInt8](text.utf8) + [0])
    case .nodes(let nodes):
      let start = placeVector(count: nodes.count, [UInt8](repeating: 0, count: 4 * nodes.count))
      for (index, node) in nodes.enumerated() {
        refer(from: start + 4 + 4 * index, to: place(node))
      }
      return start
    case .repeated(let node, let count):
      let start = placeVector(count: count, [UInt8](repeating: 0, count: 4 * count))
      let target = place(node)
      for index in 0..<count { refer(from: start + 4 + 4 * index, to: target) }
      return start
    }
  }

  private mutating func placeVector(count: Int, _ content: [UInt8]) -> Int {
    let start = bytes.count
    bytes += littleEndian(UInt32(count)) + content
    return start
  }

  private mutating func placeTable(_ fields: [Int: FlatNode.Field]) -> Int {
    let slots = (fields.keys.max() ?? -1) + 1
    var offsets = [UInt16](repeating: 0, count: slots)
    var body: [UInt8] = []
    for (number, field) in fields.sorted(by: { $0.key < $1.key }) {
      offsets[number] = UInt16(4 + body.count)
      switch field {
      case .inline(let content): body += content
      case .offset: body += [0, 0, 0, 0]
      case .wild(let offset): body += littleEndian(offset)
      }
    }
    let vtableSize = 4 + 2 * slots
    bytes += littleEndian(UInt16(vtableSize)) + littleEndian(UInt16(4 + body.count))
    bytes += offsets.flatMap { littleEndian($0) }
    let start = bytes.count
    bytes += littleEndian(Int32(vtableSize)) + body
    for (number, field) in fields.sorted(by: { $0.key < $1.key }) {
      guard case .offset(let node) = field else { continue }
      let slot = start + Int(offsets[number])
      refer(from: slot, to: place(node))
    }
    return start
  }
}
