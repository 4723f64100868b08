@testable import TFLite

/// A small valid model, part by part, for a test to spoil or to extend.
struct ModelDescription {
  var version: UInt32 = 3
  var buffers: [FlatNode] = [.table([:])]
  var tensors: [FlatNode] = []
  var codes: [FlatNode] = []
  var operators: [FlatNode] = []
  var inputs: [Int32] = []
  var outputs: [Int32] = []
  var subgraphCount = 1

  var bytes: [UInt8] { FlatBufferWriter.file(root) }

  var root: FlatNode {
    let subgraph = FlatNode.table([
      0: .offset(.nodes(tensors)), 1: .offset(.int32s(inputs)), 2: .offset(.int32s(outputs)),
      3: .offset(.nodes(operators)), 4: .offset(.string("main")),
    ])
    return .table([
      0: .uint32(version), 1: .offset(.nodes(codes)),
      2: .offset(.repeated(subgraph, count: subgraphCount)), 3: .offset(.string("made by hand")),
      4: .offset(.nodes(buffers)),
    ])
  }

  func read() throws(TFLiteError) -> TFLiteModel { try TFLiteModel(bytes: bytes) }

  /// The error that reading ends in, as a line; nil where it succeeds.
  var failure: String? {
    do {
      _ = try read()
      return nil
    } catch {
      return error.description
    }
  }

  /// A tensor; fields given by number replace or extend the usual ones.
  static func tensor(
    _ shape: [Int32], type: TFLiteTensorType = .int8, buffer: UInt32 = 0, name: String = "",
    _ others: [Int: FlatNode.Field] = [:]
  ) -> FlatNode {
    let usual: [Int: FlatNode.Field] = [
      0: .offset(.int32s(shape)), 1: .int8(type.rawValue), 2: .uint32(buffer),
      3: .offset(.string(name)),
    ]
    return .table(usual.merging(others) { $1 })
  }

  static func quantisation(
    _ scales: [Float], _ zeroPoints: [Int64], dimension: Int32? = nil
  ) -> [Int: FlatNode.Field] {
    var fields: [Int: FlatNode.Field] = [
      2: .offset(.floats(scales)), 3: .offset(.int64s(zeroPoints)),
    ]
    if let dimension { fields[6] = .int32(dimension) }
    return [4: .offset(.table(fields))]
  }

  /// A model of one operator from tensor 0 to tensor 1.
  static func oneOperator(
    _ code: BuiltinOperatorCode, kind: UInt8 = 0, options: [Int: FlatNode.Field]? = nil
  ) -> ModelDescription {
    var model = ModelDescription()
    model.tensors = [tensor([1]), tensor([1])]
    model.codes = [
      .table([0: .int8(Int8(clamping: code.rawValue)), 3: .int32(Int32(code.rawValue))])
    ]
    var operation: [Int: FlatNode.Field] = [
      0: .uint32(0), 1: .offset(.int32s([0])), 2: .offset(.int32s([1])),
    ]
    if let options {
      operation[3] = .byte(kind)
      operation[4] = .offset(.table(options))
    }
    model.operators = [.table(operation)]
    model.inputs = [0]
    model.outputs = [1]
    return model
  }
}
