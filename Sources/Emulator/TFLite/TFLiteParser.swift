/// Turns the tables of a `.tflite` file into a `TFLiteModel`. Field numbers are those of
/// TensorFlow Lite's schema.fbs.
struct TFLiteParser {
  var file: FlatBuffer
  private let root: FlatBufferTable

  init(bytes: [UInt8]) throws(TFLiteError) {
    guard bytes.count >= 8 else { throw .tooSmall(byteCount: bytes.count) }
    guard bytes[4..<8].elementsEqual("TFL3".utf8) else { throw .notTFLite }
    file = FlatBuffer(bytes: bytes)
    root = try file.rootTable()
    let version = try file.scalar(0, of: root, default: UInt32(0))
    guard version == 3 else { throw .unsupportedSchema(version: Int(version)) }
  }

  mutating func model() throws(TFLiteError) -> TFLiteModel {
    let subgraphs = try file.tablePositions(2, of: root)
    guard subgraphs.count == 1 else { throw .subgraphCount(subgraphs.count) }
    let subgraph = try file.table(at: subgraphs[0], place: .subgraph)
    let buffers = try buffers()
    let codes = try operatorCodes()
    let tensors = try tensors(of: subgraph, buffers: buffers)
    let operators = try operators(of: subgraph, codes: codes, tensorCount: tensors.count)
    let inputs = try indices(1, of: subgraph, below: tensors.count, absentAllowed: false)
    let outputs = try indices(2, of: subgraph, below: tensors.count, absentAllowed: false)
    return TFLiteModel(
      description: try file.string(3, of: root), name: try file.string(4, of: subgraph),
      tensors: tensors, operators: operators, inputs: inputs, outputs: outputs)
  }

  /// The bytes of each buffer, as a range of the file; nil for an empty one.
  ///
  /// Files above 2 GiB keep buffers outside the FlatBuffers part, at an offset from the file's
  /// start; 1 there is a placeholder that says nothing.
  private mutating func buffers() throws(TFLiteError) -> [Range<Int>?] {
    var buffers: [Range<Int>?] = []
    for (index, position) in try file.tablePositions(4, of: root).enumerated() {
      let place = TFLitePlace.buffer(index)
      let table = try file.table(at: position, place: place)
      let offset = try file.scalar(1, of: table, default: UInt64(0))
      if offset > 1 {
        let size = try file.scalar(2, of: table, default: UInt64(0))
        let length = UInt64(file.bytes.count)
        guard offset <= length, size <= length - offset else {
          throw .malformed(place: place, reason: "its \(size) bytes at \(offset) leave the file")
        }
        buffers.append(size == 0 ? nil : Int(offset)..<Int(offset + size))
      } else if let data = try file.vector(0, of: table, elementSize: 1), data.count > 0 {
        buffers.append(data.start..<(data.start + data.count))
      } else {
        buffers.append(nil)
      }
    }
    return buffers
  }

  /// Tensor indices in a vector of int32.
  mutating func indices(
    _ field: Int, of table: FlatBufferTable, below count: Int, absentAllowed: Bool
  ) throws(TFLiteError) -> [Int] {
    var indices: [Int] = []
    for value in try file.integers(Int32.self, field, of: table) {
      let index = Int(value)
      guard index < count, index >= (absentAllowed ? -1 : 0) else {
        throw .malformed(
          place: table.place, reason: "it refers to tensor \(index) of \(count)")
      }
      indices.append(index)
    }
    return indices
  }
}

/// An entry of the table of operator codes.
struct OperatorCode {
  let code: BuiltinOperatorCode
  /// The schema's name, or a custom operator's own.
  let name: String
  let version: Int
}

extension TFLiteParser {
  private mutating func operatorCodes() throws(TFLiteError) -> [OperatorCode] {
    var codes: [OperatorCode] = []
    for (index, position) in try file.tablePositions(1, of: root).enumerated() {
      let table = try file.table(at: position, place: .operatorCode(index))
      // The code was an int8 once. Newer writers put codes above 127 into an int32 field, older
      // readers find 127 in the old one; whichever field is absent reads 0.
      let old = Int(try file.scalar(0, of: table, default: Int8(0)))
      let new = Int(try file.scalar(3, of: table, default: Int32(0)))
      let code = BuiltinOperatorCode(rawValue: max(old, new))
      let customName = try file.string(1, of: table)
      let name = code == .custom && !customName.isEmpty ? customName : code.name
      let version = Int(try file.scalar(2, of: table, default: Int32(1)))
      codes.append(OperatorCode(code: code, name: name, version: version))
    }
    return codes
  }
}
