import Testing

@testable import TFLite

@Suite("Hostile files end in one clear error")
struct HostileFileTests {
  private let prefix = "malformed .tflite file: "

  @Test func `No .tflite file at all`() {
    #expect(throws: TFLiteError.tooSmall(byteCount: 0)) { try TFLiteModel(bytes: []) }
    #expect(throws: TFLiteError.tooSmall(byteCount: 7)) {
      try TFLiteModel(bytes: [UInt8](repeating: 0, count: 7))
    }
    let other = FlatBufferWriter.file(ModelDescription().root, identifier: "TFL2")
    #expect(throws: TFLiteError.notTFLite) { try TFLiteModel(bytes: other) }
  }

  @Test(arguments: [0, 2, 4, UInt32.max])
  func `Another schema version`(version: UInt32) {
    var model = ModelDescription()
    model.version = version
    #expect(throws: TFLiteError.unsupportedSchema(version: Int(version))) { try model.read() }
  }

  @Test(arguments: [0, 2, 3])
  func `Not exactly one subgraph`(count: Int) {
    var model = ModelDescription()
    model.subgraphCount = count
    #expect(throws: TFLiteError.subgraphCount(count)) { try model.read() }
  }

  @Test func `Indices out of range`() {
    var model = ModelDescription.oneOperator(.add)
    model.inputs = [2]
    #expect(model.failure == prefix + "subgraph: it refers to tensor 2 of 2")
    model.inputs = [-1]
    #expect(model.failure == prefix + "subgraph: it refers to tensor -1 of 2")
    model = .oneOperator(.add)
    model.outputs = [.max]
    #expect(model.failure == prefix + "subgraph: it refers to tensor 2147483647 of 2")
    model = .oneOperator(.add)
    model.operators.append(.table([0: .uint32(1)]))
    #expect(model.failure == prefix + "operator 1: it refers to operator code 1 of 1")
    model.operators[1] = .table([1: .offset(.int32s([0, -2]))])
    #expect(model.failure == prefix + "operator 1 (ADD): it refers to tensor -2 of 2")
    model.operators[1] = .table([2: .offset(.int32s([-1]))])
    #expect(model.failure == prefix + "operator 1 (ADD): it refers to tensor -1 of 2")
    model = ModelDescription()
    model.tensors = [ModelDescription.tensor([1], buffer: 7)]
    #expect(model.failure == prefix + "tensor 0: it refers to buffer 7 of 1")
  }

  @Test func `Tensors that cannot be`() {
    func failure(_ tensor: FlatNode, data: [UInt8] = []) -> String? {
      var model = ModelDescription()
      model.buffers.append(.table([0: .offset(.bytes(data))]))
      model.tensors = [tensor]
      return model.failure
    }
    let place = prefix + "tensor 0: "
    let tensor = ModelDescription.tensor
    let quantisation = ModelDescription.quantisation
    #expect(
      failure(tensor([2, -1], .int8, 0, "", [:])) == place + "its shape has a negative extent")
    #expect(
      failure(tensor([1 << 16, 1 << 15], .int8, 0, "", [:])) == place
        + "its shape has too many elements")
    #expect(
      failure(tensor([0, .max, .max, .max, .max], .int8, 0, "", [:]))
        == place + "its shape has too many elements")
    #expect(failure(tensor([1], .int8, 0, "", [1: .int8(19)])) == place + "unknown element type 19")
    #expect(failure(tensor([1], .int8, 0, "", [1: .int8(-1)])) == place + "unknown element type -1")
    #expect(
      failure(tensor([1], .int8, 0, "", [6: .offset(.table([:]))]))
        == place + "sparse tensors are not supported")
    #expect(
      failure(tensor([2, 2], .int32, 1, "", [:]), data: [1, 2, 3])
        == place + "its shape needs 16 bytes, its buffer has 3")
    #expect(
      failure(tensor([2], .int8, 1, "", [:]), data: [1, 2, 3])
        == place + "its shape needs 2 bytes, its buffer has 3")
    #expect(
      failure(tensor([2], .int8, 0, "", quantisation([1, 2], [0], nil)))
        == place + "it has 2 scales, 1 zero points")
    #expect(
      failure(tensor([2], .int8, 0, "", quantisation([1], [1 << 31], nil)))
        == place + "a zero point does not fit in 32 bits")
    for scale in [-1, .nan, .infinity] as [Float] {
      #expect(
        failure(tensor([2], .int8, 0, "", quantisation([scale], [0], nil)))
          == place + "a scale is negative or not finite")
    }
  }

  /// Every offset field of every kind of table, aimed outside the file.
  @Test(arguments: [0, 1, 100_000, UInt32.max, 1 << 31])
  func `Wild offsets`(offset: UInt32) {
    let valid = ModelDescription.oneOperator(
      .conv2D, kind: 1, options: [1: .int32(1), 2: .int32(1)])
    #expect(valid.failure == nil)
    func spoil(_ change: (inout ModelDescription) -> Void) -> Bool {
      var model = valid
      change(&model)
      guard let failure = model.failure else { return offset < 2 }
      return failure.hasPrefix("malformed .tflite file: ") && !failure.contains("\n")
    }
    #expect(spoil { $0.tensors[0] = ModelDescription.tensor([1], [3: .wild(offset)]) })
    #expect(spoil { $0.tensors[0] = ModelDescription.tensor([1], [0: .wild(offset)]) })
    #expect(spoil { $0.tensors[0] = ModelDescription.tensor([1], [4: .wild(offset)]) })
    #expect(spoil { $0.codes[0] = .table([0: .int8(3), 1: .wild(offset)]) })
    #expect(spoil { $0.buffers[0] = .table([0: .wild(offset)]) })
    for field in [1, 2, 4] {
      #expect(spoil { $0.operators[0] = .table([3: .byte(1), field: .wild(offset)]) })
    }
    for field in 1...4 {
      let root = FlatNode.table([0: .uint32(3), field: .wild(offset)])
      #expect(throws: TFLiteError.self) { try TFLiteModel(bytes: FlatBufferWriter.file(root)) }
    }
  }

  /// A vtable behind the file's end, before its start, too small, or too long.
  @Test func `Wild vtables`() {
    let model = ModelDescription().bytes
    let root = Int(model[0]) | Int(model[1]) << 8
    for distance in [Int32.min, .max, -1000, 1000, Int32(root + 1), Int32(root - model.count + 1)] {
      var bytes = model
      bytes.replaceSubrange(root..<(root + 4), with: littleEndian(distance))
      #expect(throws: TFLiteError.self) { try TFLiteModel(bytes: bytes) }
    }
    let vtable = root - Int(model[root])
    for size in [0, 3, UInt16.max] as [UInt16] {
      var bytes = model
      bytes.replaceSubrange(vtable..<(vtable + 2), with: littleEndian(size))
      #expect(throws: TFLiteError.self) { try TFLiteModel(bytes: bytes) }
    }
  }

  /// A few hundred kilobytes that ask for gigabytes: many tensors with one long name, one long
  /// shape, one long vector of scales.
  @Test(.timeLimit(.minutes(1)))
  func `Shared vectors do not multiply`() {
    let long = FlatNode.bytes([UInt8](repeating: 65, count: 100_000))
    let numbers = FlatNode.int32s([Int32](repeating: 1, count: 25_000))
    let tensors: [FlatNode] = [
      .table([3: .offset(long)]), .table([0: .offset(numbers)]),
      .table([4: .offset(.table([2: .offset(numbers), 3: .offset(numbers)]))]),
    ]
    for tensor in tensors {
      let subgraph = FlatNode.table([0: .offset(.repeated(tensor, count: 50_000))])
      let root = FlatNode.table([
        0: .uint32(3), 2: .offset(.nodes([subgraph])), 4: .offset(.nodes([.table([:])])),
      ])
      #expect(throws: TFLiteError.self) { try TFLiteModel(bytes: FlatBufferWriter.file(root)) }
    }
  }
}
