import Foundation
import Testing

@testable import TFLite

@Suite("Models are read as they were written")
struct TFLiteModelTests {
  /// A file that the `tflite` package's builders wrote, with float32 ends and int8 insides. What
  /// is expected here was printed by that package's own reader.
  @Test func `A converter's file`() throws {
    let model = try TFLiteModel(contentsOf: Fixture.url("real.tflite"))
    #expect(model.description == "oracle")
    #expect(model.name == "main")
    #expect(model.inputs == [0])
    #expect(model.outputs == [10, 11])
    #expect(
      model.operators.map(\.name) == [
        "QUANTIZE", "CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED", "SOFTMAX", "DEQUANTIZE",
        "DEQUANTIZE",
      ])
    #expect(model.operators.map(\.version) == [1, 3, 2, 4, 2, 2, 2])
    #expect(model.operators[1].inputs == [1, 2, 3])
    #expect(model.operators[6].inputs == [8])
    #expect(model.operators[6].outputs == [11])
    #expect(
      model.tensors.map(\.shape) == [
        [1, 8, 9, 2], [1, 8, 9, 2], [7, 3, 3, 2], [7], [1, 8, 9, 7], [1, 4, 4, 7], [6, 112], [6],
        [1, 6], [1, 6], [1, 6], [1, 6],
      ])
    #expect(
      model.tensors.map(\.isConstant).enumerated().filter(\.element).map(\.offset) == [2, 3, 6, 7])
    #expect(model.tensors[0].name == "reals")
    #expect(model.tensors[0].type == .float32)
    #expect(model.tensors[0].quantisation == nil)
    #expect(
      model.tensors[1].quantisation
        == TFLiteQuantisation(scales: [0.005746287293732166], zeroPoints: [85]))
    let filter = model.tensors[2]
    #expect(filter.quantisation?.scales.count == 7)
    #expect(filter.quantisation?.scales.last == 0.002963871695101261)
    #expect(filter.data?.prefix(8) == [195, 45, 218, 177, 182, 52, 60, 90])
    #expect(filter.data?.reduce(0) { $0 + Int($1) } == 16863)
    #expect(filter.int8Values?.first == -61)
    #expect(model.tensors[7].int32Values?.prefix(2) == [-71809, -87625])
  }

  @Test func `Tensors made by hand`() throws {
    var description = ModelDescription()
    description.buffers.append(.table([0: .offset(.bytes([1, 2, 3, 4, 5, 6]))]))
    description.buffers.append(.table([0: .offset(.bytes([255, 255, 255, 255, 1, 0, 0, 0]))]))
    description.tensors = [
      ModelDescription.tensor(
        [3, 2], buffer: 1, name: "Gewicht é",
        ModelDescription.quantisation([0.5, 0.25], [-3, 4], dimension: 1)),
      ModelDescription.tensor([2], type: .int32, buffer: 2),
      ModelDescription.tensor([], type: .int64, buffer: 2),
      ModelDescription.tensor([0, 9], type: .float32, [5: .byte(1)]),
      .table([:]),
      ModelDescription.tensor(
        [2], type: .int32, ModelDescription.quantisation([1, 2], [0, 0], dimension: 3)),
    ]
    let tensors = try description.read().tensors
    #expect(tensors[0].name == "Gewicht é")
    #expect(tensors[0].int8Values == [1, 2, 3, 4, 5, 6])
    #expect(tensors[0].int32Values == nil)
    #expect(tensors[0].quantisation?.isPerChannel == true)
    #expect(
      tensors[0].quantisation
        == TFLiteQuantisation(scales: [0.5, 0.25], zeroPoints: [-3, 4], dimension: 1))
    #expect(tensors[1].int32Values == [-1, 1])
    #expect(tensors[2].int64Values == [0x1_FFFF_FFFF])
    #expect(tensors[2].elementCount == 1)
    #expect(tensors[3].elementCount == 0)
    #expect(tensors[3].isVariable)
    #expect(tensors[4].shape == [])
    #expect(tensors[4].type == .float32)
    #expect(tensors[5].quantisation?.dimension == 3)
  }

  @Test func `Old and new operator codes`() throws {
    let codes: [(fields: [Int: FlatNode.Field], name: String, version: Int)] = [
      ([0: .int8(3)], "CONV_2D", 1),
      ([0: .int8(3), 2: .int32(5), 3: .int32(3)], "CONV_2D", 5),
      ([3: .int32(114)], "QUANTIZE", 1),
      ([0: .int8(127), 3: .int32(150)], "GELU", 1),
      ([0: .int8(127), 3: .int32(208)], "STABLEHLO_CBRT", 1),
      ([0: .int8(127), 3: .int32(500)], "builtin 500", 1),
      ([0: .int8(32), 1: .offset(.string("MyFilter"))], "MyFilter", 1),
      ([0: .int8(32)], "CUSTOM", 1),
      ([:], "ADD", 1),
    ]
    for expected in codes {
      var description = ModelDescription.oneOperator(.add)
      description.codes = [.table(expected.fields)]
      let isConvolution = expected.name == "CONV_2D"
      description.operators = [
        .table([
          2: .offset(.int32s([1])), 1: .offset(.int32s([-1, 0])),
          3: .byte(isConvolution ? 1 : 0),
          4: .offset(.table(isConvolution ? [1: .int32(1), 2: .int32(1)] : [:])),
        ])
      ]
      let operation = try #require(try description.read().operators.first)
      #expect(operation.name == expected.name)
      #expect(operation.version == expected.version)
      #expect(operation.inputs == [-1, 0])
    }
  }

  @Test func `A buffer outside the FlatBuffers part`() throws {
    var description = ModelDescription()
    description.tensors = [ModelDescription.tensor([3], buffer: 1)]
    description.buffers.append(.table([1: .uint64(0), 2: .uint64(0)]))
    let end = UInt64(description.bytes.count)
    func read(offset: UInt64, size: UInt64) throws(TFLiteError) -> [Int8]? {
      description.buffers[1] = .table([1: .uint64(offset), 2: .uint64(size)])
      return try TFLiteModel(bytes: description.bytes + [7, 8, 255]).tensors[0].int8Values
    }
    #expect(try read(offset: end, size: 3) == [7, 8, -1])
    #expect(try read(offset: 1, size: 3) == nil)
    let wild: [(UInt64, UInt64)] = [
      (end + 1, 3), (end + 4, 0), (.max, 3), (3, .max), (.max, .max),
    ]
    for (offset, size) in wild {
      #expect(throws: TFLiteError.self) { try read(offset: offset, size: size) }
    }
  }

  @Test func `Sizes of the element types`() {
    let sizes: [TFLiteTensorType: Int?] = [
      .float32: 20, .float16: 10, .int32: 20, .uint8: 5, .int64: 40, .string: nil, .bool: 5,
      .int16: 10, .complex64: 40, .int8: 5, .float64: 40, .complex128: 80, .uint64: 40,
      .resource: nil, .variant: nil, .uint32: 20, .uint16: 10, .int4: 3, .bfloat16: 10,
    ]
    for type in TFLiteTensorType.allCases {
      #expect(type.byteCount(elements: 5) == sizes[type])
    }
    // The schema's own numbers.
    #expect(TFLiteTensorType.int8.rawValue == 9)
    #expect(TFLiteTensorType.bfloat16.rawValue == 18)
  }

  @Test func `A file that is not there`() {
    let url = URL(fileURLWithPath: "/nowhere/model.tflite")
    #expect(
      throws: TFLiteError.unreadable(
        path: "/nowhere/model.tflite", reason: "there is no such file")
    ) {
      try TFLiteModel(contentsOf: url)
    }
    let folder = FileManager.default.temporaryDirectory
    #expect(throws: TFLiteError.unreadable(path: folder.path, reason: "it is not a file")) {
      try TFLiteModel(contentsOf: folder)
    }
  }
}

enum Fixture {
  struct NotThere: Error {}

  static func url(_ name: String) throws -> URL {
    guard let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
      throw NotThere()
    }
    return folder.appendingPathComponent(name)
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url(name)))
  }
}
