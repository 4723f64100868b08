import Testing

@testable import TFLite

@Suite("Operators' options are read from their fields")
struct OperatorOptionsTests {
  private func options(
    _ code: BuiltinOperatorCode, kind: UInt8 = 0, _ fields: [Int: FlatNode.Field]? = nil
  ) throws -> OperatorOptions {
    let model = try ModelDescription.oneOperator(code, kind: kind, options: fields).read()
    return try #require(model.operators.first).options
  }

  private func failure(
    _ code: BuiltinOperatorCode, kind: UInt8 = 0, _ fields: [Int: FlatNode.Field]? = nil
  ) -> String? {
    ModelDescription.oneOperator(code, kind: kind, options: fields).failure
  }

  @Test func convolution() throws {
    let read = try options(
      .conv2D, kind: 1,
      [0: .int8(1), 1: .int32(2), 2: .int32(3), 3: .int8(3), 4: .int32(4), 5: .int32(5)])
    #expect(
      read
        == .convolution(
          ConvolutionOptions(
            padding: .valid, strideHeight: 3, strideWidth: 2, dilationHeight: 5, dilationWidth: 4,
            activation: .relu6)))
  }

  @Test func depthwiseConvolution() throws {
    let read = try options(
      .depthwiseConv2D, kind: 2,
      [
        1: .int32(2), 2: .int32(3), 3: .int32(7), 4: .int8(1), 5: .int32(4), 6: .int32(5),
      ])
    #expect(
      read
        == .depthwiseConvolution(
          ConvolutionOptions(
            padding: .same, strideHeight: 3, strideWidth: 2, dilationHeight: 5, dilationWidth: 4,
            depthMultiplier: 7, activation: .relu)))
  }

  @Test func `dilations left out are 1`() throws {
    let read = try options(.conv2D, kind: 1, [1: .int32(1), 2: .int32(1)])
    #expect(
      read == .convolution(ConvolutionOptions(padding: .same, strideHeight: 1, strideWidth: 1)))
  }

  @Test func fullyConnected() throws {
    let read = try options(.fullyConnected, kind: 8, [0: .int8(1), 1: .int8(1), 2: .byte(1)])
    #expect(
      read
        == .fullyConnected(
          FullyConnectedOptions(activation: .relu, hasShuffledWeights: true, keepDimensions: true)))
    #expect(try options(.fullyConnected) == .fullyConnected(FullyConnectedOptions()))
  }

  @Test func elementwise() throws {
    #expect(try options(.add, kind: 11, [0: .int8(1)]) == .elementwise(.relu))
    #expect(try options(.mul, kind: 21, [0: .int8(3)]) == .elementwise(.relu6))
    #expect(try options(.add) == .elementwise(.none))
  }

  @Test(arguments: [BuiltinOperatorCode.averagePool2D, .maxPool2D])
  func pools(code: BuiltinOperatorCode) throws {
    let read = try options(
      code, kind: 5,
      [0: .int8(1), 1: .int32(2), 2: .int32(3), 3: .int32(4), 4: .int32(5), 5: .int8(1)])
    #expect(
      read
        == .pool(
          PoolOptions(
            padding: .valid, strideHeight: 3, strideWidth: 2, filterHeight: 5, filterWidth: 4,
            activation: .relu)))
  }

  @Test func mean() throws {
    #expect(try options(.mean, kind: 27, [0: .byte(1)]) == .reduce(keepDimensions: true))
    #expect(try options(.mean) == .reduce(keepDimensions: false))
  }

  @Test func reshape() throws {
    let shaped = try options(.reshape, kind: 17, [0: .offset(.int32s([2, -1]))])
    #expect(shaped == .reshape(newShape: [2, -1]))
    #expect(
      try options(.reshape, kind: 17, [0: .offset(.int32s([]))]) == .reshape(newShape: nil))
    #expect(try options(.reshape) == .reshape(newShape: nil))
    #expect(
      failure(.reshape, kind: 17, [0: .offset(.int32s([-1, -1]))])
        == "malformed .tflite file: operator 0 (RESHAPE): its new shape makes no sense")
  }

  @Test func softmax() throws {
    #expect(try options(.softmax, kind: 9, [0: .float(1.5)]) == .softmax(beta: 1.5))
    for beta in [0, -1, .nan, .infinity] as [Float] {
      #expect(
        failure(.softmax, kind: 9, [0: .float(beta)])
          == "malformed .tflite file: operator 0 (SOFTMAX): its beta is not above 0")
    }
  }

  @Test func stridedSlice() throws {
    let read = try options(
      .stridedSlice, kind: 32,
      [0: .int32(1), 1: .int32(2), 2: .int32(4), 3: .int32(8), 4: .int32(16), 5: .byte(1)])
    #expect(
      read
        == .stridedSlice(
          StridedSliceOptions(
            beginMask: 1, endMask: 2, ellipsisMask: 4, newAxisMask: 8, shrinkAxisMask: 16,
            endIsOffset: true)))
  }

  @Test func splits() throws {
    #expect(try options(.split, kind: 35, [0: .int32(3)]) == .split(count: 3))
    #expect(try options(.splitV, kind: 79, [0: .int32(4)]) == .split(count: 4))
  }

  @Test func concatenation() throws {
    let read = try options(.concatenation, kind: 10, [0: .int32(-1), 1: .int8(1)])
    #expect(read == .concatenation(axis: -1, activation: .relu))
  }

  @Test func resizeNearestNeighbor() throws {
    let read = try options(.resizeNearestNeighbor, kind: 74, [1: .byte(1)])
    #expect(read == .resizeNearestNeighbor(alignCorners: false, halfPixelCentres: true))
  }

  @Test func `Operators without parameters`() throws {
    for code in [BuiltinOperatorCode.pad, .padV2, .transpose, .logistic, .quantize, .dequantize] {
      #expect(try options(code, kind: 200, [:]) == .none)
    }
    #expect(try options(BuiltinOperatorCode(rawValue: 28), kind: 3, [:]) == .unread)
  }

  @Test func `Options of another operator are refused`() {
    #expect(
      failure(.conv2D, kind: 2, [:])
        == "malformed .tflite file: operator 0 (CONV_2D): its options are of kind 2, not 1")
  }

  @Test func `Strides, dilations and filters below 1 are refused`() {
    #expect(
      failure(.conv2D)
        == "malformed .tflite file: operator 0 (CONV_2D): its stride 0x0 is below 1")
    #expect(
      failure(.depthwiseConv2D, kind: 2, [1: .int32(1), 2: .int32(1), 5: .int32(-1)])
        == "malformed .tflite file: operator 0 (DEPTHWISE_CONV_2D): its dilation 1x-1 is below 1")
    #expect(
      failure(.maxPool2D, kind: 5, [1: .int32(1), 2: .int32(1), 3: .int32(2)])
        == "malformed .tflite file: operator 0 (MAX_POOL_2D): its filter 0x2 is below 1")
  }

  @Test func `Unknown enumeration values are refused`() {
    #expect(
      failure(.add, kind: 11, [0: .int8(6)])
        == "malformed .tflite file: operator 0 (ADD): unknown activation 6")
    #expect(
      failure(.conv2D, kind: 1, [0: .int8(2), 1: .int32(1), 2: .int32(1)])
        == "malformed .tflite file: operator 0 (CONV_2D): unknown padding 2")
  }
}
