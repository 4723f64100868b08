import TFLite
import Testing

@testable import PlanCompiler

/// Graphs that cannot be compiled: each is one clear error, which names the operator.
@Suite struct HostileModelTests {
  private func message(_ model: TFLiteModel) -> String {
    do throws(CompileError) {
      _ = try PlanCompiler.compile(model)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  private func message(
    inputs: [Int] = [0], outputs: [Int], _ build: (inout GraphBuilder) -> Void
  ) -> String {
    var graph = GraphBuilder()
    build(&graph)
    return message(graph.model(inputs: inputs, outputs: outputs))
  }

  // MARK: The graph

  @Test func `Tensors that are not there`() {
    #expect(message(outputs: [5]) { _ = $0.tensor([4]) }.contains("tensor 5 does not exist"))
    #expect(message(inputs: [-1], outputs: [0]) { _ = $0.tensor([4]) }.contains("tensor -1"))
    #expect(message(outputs: []) { _ = $0.tensor([4]) }.contains("it has no output"))
    #expect(
      message(outputs: [1]) { graph in
        let (a, b) = (graph.tensor([4]), graph.tensor([4]))
        graph.apply(.logistic, [a + 70], [b])
      }.hasPrefix("operator 0 (LOGISTIC): tensor 70 does not exist"))
    #expect(
      message(outputs: [0]) { graph in
        let a = graph.tensor([4])
        graph.apply(.logistic, [a], [-2])
      }.hasPrefix("operator 0 (LOGISTIC): tensor -2 does not exist"))
  }

  @Test func `Cycles, and tensors never computed or computed twice`() {
    #expect(
      message(outputs: [2]) { graph in
        let (a, b, c) = (graph.tensor([4]), graph.tensor([4], name: "b"), graph.tensor([4]))
        graph.apply(.add, [a, b], [c], .elementwise(.none))
        graph.apply(.logistic, [c], [b])
      } == "operator 0 (ADD): tensor 1 'b' is read before it is computed")
    #expect(
      message(outputs: [0]) { graph in
        let a = graph.tensor([4])
        graph.apply(.logistic, [a], [a])
      }.hasPrefix("operator 0 (LOGISTIC): tensor 0 is written, but has its value already"))
    #expect(
      message(outputs: [1]) { graph in
        let a = graph.tensor([4])
        let constant = graph.tensor([4], data: [1, 2, 3, 4])
        graph.apply(.logistic, [a], [constant])
      }.contains("tensor 1 is written"))
    #expect(
      message(outputs: [1]) { graph in
        _ = (graph.tensor([4]), graph.tensor([4]))
      }.contains("its output tensor 1 is never computed"))
    #expect(
      message(outputs: [1]) { graph in
        let (a, b) = (graph.tensor([4, 2]), graph.tensor([2, 2]))
        graph.apply(.split, [graph.int32([0]), a], [b, b], .split(count: 2))
      }.contains("writes one tensor twice"))
  }

  @Test func `Inputs and outputs of the wrong sort`() {
    #expect(
      message(outputs: [0]) { _ = $0.tensor([2], data: [1, 2]) }.contains("is a constant"))
    #expect(message(inputs: [0, 0], outputs: [0]) { _ = $0.tensor([2]) }.contains("twice"))
    #expect(message(outputs: [0]) { _ = $0.tensor([2], .int16) }.contains("type int16"))
    #expect(message(outputs: [0]) { _ = $0.tensor([2], .string) }.contains("type string"))
    #expect(
      message(outputs: [0]) { _ = $0.tensor([2], scale: 0) }.contains("no valid quantisation"))
    #expect(
      message(outputs: [0]) { _ = $0.tensor([2], scale: .nan) }.contains("no valid quantisation"))
    #expect(
      message(outputs: [0]) { _ = $0.tensor([2], zeroPoint: 128) }
        .contains("no valid quantisation"))
    #expect(
      message(inputs: Array(0..<65), outputs: [0]) { graph in
        for _ in 0..<65 { _ = graph.tensor([1]) }
      }.contains("more than 64"))
  }

  @Test func `Shapes beyond reason`() {
    #expect(message(outputs: [0]) { _ = $0.tensor([2, 0]) }.contains("tensor 0 is empty"))
    #expect(message(outputs: [0]) { _ = $0.tensor([2, -3]) }.contains("tensor 0 is empty"))
    #expect(message(outputs: [0]) { _ = $0.tensor([1 << 30, 4]) }.contains("too large"))
    #expect(message(outputs: [0]) { _ = $0.tensor([Int.max, Int.max]) }.contains("too large"))
    #expect(
      message(outputs: [0]) { _ = $0.tensor([1, 1, 1, 1, 1, 1, 1]) }.contains("7 dimensions"))
  }

  @Test func `What a plan cannot hold`() {
    #expect(
      message(inputs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], outputs: [0]) { graph in
        for _ in 0..<10 { _ = graph.tensor([1 << 25]) }
      }.contains("its tensors take"))
  }

  @Test func `Constants that are not as long as their shapes`() {
    for bytes in [0, 3, 5] {
      #expect(
        message(outputs: [2]) { graph in
          let a = graph.tensor([4])
          let b = graph.tensor([4], data: [UInt8](repeating: 1, count: bytes))
          graph.apply(.add, [a, b], [graph.tensor([4])], .elementwise(.none))
        }.contains("tensor 1 has \(bytes) bytes for [4]"))
    }
  }

  @Test func `More operators than a chip holds`() {
    #expect(
      message(outputs: [0]) { graph in
        let a = graph.tensor([1])
        for _ in 0...4096 { graph.apply(.logistic, [a], [a]) }
      }.contains("4097 operators"))
  }

  // MARK: Operators

  @Test func `Unknown operators, versions and types`() {
    func one(_ code: Int, version: Int = 1, type: TFLiteTensorType = .int8) -> String {
      message(outputs: [0]) { graph in
        let a = graph.tensor([4])
        let b = graph.tensor([4], type)
        graph.apply(BuiltinOperatorCode(rawValue: code), [a], [b], version: version)
      }
    }
    #expect(one(28) == "operator 0 (TANH) is not supported")
    #expect(one(32) == "operator 0 (CUSTOM) is not supported")
    #expect(one(900) == "operator 0 (builtin 900) is not supported")
    #expect(
      one(14, version: 9)
        == "operator 0 (LOGISTIC) has version 9; versions up to 3 are supported")
    #expect(one(14, version: 0).contains("has version 0"))
    #expect(
      one(14, type: .int16)
        == "operator 0 (LOGISTIC): the output of type int16 is not supported")
    #expect(one(114, type: .int32).contains("the output of type int32 is not supported"))
  }

  @Test func `Every operator without inputs, outputs or parameters`() {
    let codes: [BuiltinOperatorCode] = [
      .add, .averagePool2D, .concatenation, .conv2D, .depthwiseConv2D, .dequantize,
      .fullyConnected, .logistic, .maxPool2D, .mul, .reshape, .softmax, .pad, .transpose, .mean,
      .stridedSlice, .split, .padV2, .resizeNearestNeighbor, .splitV, .quantize,
    ]
    let parameters: [OperatorOptions] = [
      .none, .elementwise(.none), .fullyConnected(FullyConnectedOptions()), .softmax(beta: 1),
      .reduce(keepDimensions: true), .split(count: 2), .reshape(newShape: nil),
      .concatenation(axis: 0, activation: .none), .stridedSlice(StridedSliceOptions()),
      .resizeNearestNeighbor(alignCorners: false, halfPixelCentres: false),
      .convolution(ConvolutionOptions(padding: .same, strideHeight: 1, strideWidth: 1)),
      .depthwiseConvolution(ConvolutionOptions(padding: .same, strideHeight: 1, strideWidth: 1)),
      .pool(
        PoolOptions(
          padding: .same, strideHeight: 1, strideWidth: 1, filterHeight: 1, filterWidth: 1)),
    ]
    for code in codes {
      for options in parameters {
        for inputs in [[], [-1], [-1, -1], [-1, -1, -1], [-1, -1, -1, -1]] as [[Int]] {
          let text = message(outputs: [0]) { graph in
            _ = graph.tensor([1, 1, 1, 1])
            graph.apply(code, inputs, [], options)
          }
          #expect(text.hasPrefix("operator 0 (\(code.name)): "), "\(text)")
        }
      }
    }
  }

  /// A convolution that is right but for one thing.
  private func convolution(
    input: [Int] = [1, 4, 4, 2], filter: [Int] = [3, 2, 2, 2], output: [Int] = [1, 3, 3, 3],
    bias: [Int32]? = nil, scales: [Float] = [0.1], dimension: Int = 0,
    options: ConvolutionOptions = .init(padding: .valid, strideHeight: 1, strideWidth: 1),
    outputScale: Float = 0.5, isConstant: Bool = true
  ) -> String {
    message(outputs: [2]) { graph in
      let x = graph.tensor(input)
      let weights =
        isConstant
        ? graph.weights(filter, scales: scales, dimension: dimension) : graph.tensor(filter)
      let y = graph.tensor(output, scale: outputScale)
      let inputs = [x, weights] + (bias.map { [graph.int32($0)] } ?? [])
      graph.apply(.conv2D, inputs, [y], .convolution(options))
    }
  }

  @Test func `Convolutions`() {
    #expect(convolution() == "no error")
    let faults: [(String, String)] = [
      (convolution(input: [4, 4, 2]), "4 dimensions"),
      (convolution(filter: [3, 2, 2, 3]), "do not divide"),
      (convolution(output: [1, 4, 3, 3]), "has the shape [1, 4, 3, 3], not [1, 3, 3, 3]"),
      (convolution(output: [2, 3, 3, 3]), "has the shape"),
      (convolution(filter: [3, 5, 2, 2]), "does not fit"),
      (convolution(bias: [1, 2]), "2 values for 3 channels"),
      (convolution(scales: [0.1, 0.2]), "2 scales for 3 channels"),
      (convolution(scales: [0.1, -1, 0.2]), "the scale -1"),
      (convolution(scales: [0.1, .nan, 0.2]), "the scale nan"),
      (convolution(scales: [0.1, .infinity, 0.2]), "the scale inf"),
      (convolution(scales: [0.1, 0.1, 0.2], dimension: 1), "along dimension 1"),
      (convolution(scales: [0.1, 0.1, 0.2], dimension: 9), "along dimension 9"),
      (convolution(scales: [1e30]), "too far apart"),
      (convolution(outputScale: 1e-38), "too far apart"),
      (
        convolution(options: .init(padding: .valid, strideHeight: 0, strideWidth: 1)),
        "does not fit"
      ),
      (
        convolution(options: .init(padding: .same, strideHeight: 1, strideWidth: -1)),
        "does not fit"
      ),
      (
        convolution(
          options: .init(
            padding: .same, strideHeight: 1, strideWidth: 1, dilationHeight: Int.max)),
        "does not fit"
      ),
      (
        convolution(
          options: .init(
            padding: .valid, strideHeight: 1, strideWidth: 1, activation: .tanh)),
        "fused activation tanh is not supported"
      ),
    ]
    for (text, reason) in faults {
      #expect(text.hasPrefix("operator 0 (CONV_2D): ") && text.contains(reason), "\(text)")
    }
    #expect(convolution(isConstant: false).contains("read before it is computed"))
  }

  @Test func `Depthwise convolutions and dense layers`() {
    func depthwise(_ filter: [Int], _ multiplier: Int) -> String {
      message(outputs: [2]) { graph in
        let x = graph.tensor([1, 3, 3, 2])
        let weights = graph.weights(filter, dimension: 3)
        let y = graph.tensor([1, 3, 3, 4])
        graph.apply(
          .depthwiseConv2D, [x, weights], [y],
          .depthwiseConvolution(
            ConvolutionOptions(
              padding: .same, strideHeight: 1, strideWidth: 1, depthMultiplier: multiplier)))
      }
    }
    #expect(depthwise([1, 1, 1, 4], 2) == "no error")
    #expect(depthwise([1, 1, 1, 4], 0) == "no error")
    #expect(depthwise([1, 1, 1, 4], 3).contains("4 filters are not 3 for each of 2 channels"))
    #expect(depthwise([1, 1, 1, 3], 1).contains("3 filters"))
    #expect(depthwise([1, 1, 1, 1], 0).contains("1 filters"))
    #expect(depthwise([2, 1, 1, 4], 2).contains("the filter's first 1"))

    func dense(_ x: [Int], _ weights: [Int], _ y: [Int]) -> String {
      message(outputs: [2]) { graph in
        let (a, w, b) = (graph.tensor(x), graph.weights(weights), graph.tensor(y))
        graph.apply(.fullyConnected, [a, w], [b], .fullyConnected(FullyConnectedOptions()))
      }
    }
    #expect(dense([2, 6], [3, 4], [3, 3]) == "no error")
    #expect(dense([2, 6], [3, 5], [2, 3]).contains("do not bring"))
    #expect(dense([2, 6], [3, 6], [2, 4]).contains("do not bring"))
    #expect(dense([2, 6], [3, 6, 1], [2, 3]).contains("no matrix"))
  }

  @Test func `Elementwise and reductions`() {
    func add(_ a: [Int], _ b: [Int], _ c: [Int], scale: Float = 0.5) -> String {
      message(inputs: [0, 1], outputs: [2]) { graph in
        let (x, y, z) = (graph.tensor(a), graph.tensor(b), graph.tensor(c, scale: scale))
        graph.apply(.add, [x, y], [z], .elementwise(.none))
      }
    }
    #expect(add([2, 3], [3], [2, 3]) == "no error")
    #expect(add([2, 3], [2], [2, 3]).contains("do not broadcast"))
    #expect(add([2, 3], [3], [3, 3]).contains("do not broadcast"))
    #expect(add([2, 3], [2, 3], [2, 3], scale: 1e-7).contains("too small"))
    #expect(
      message(outputs: [0]) { graph in
        _ = graph.tensor([2])
        let (a, b) = (graph.tensor([2], data: [1, 2]), graph.tensor([2], data: [1, 2]))
        graph.apply(.mul, [a, b], [graph.tensor([2])], .elementwise(.none))
      }.contains("both inputs are constants"))

    func mean(_ axes: [Int32], _ output: [Int], keep: Bool = false) -> String {
      message(outputs: [2]) { graph in
        let (x, axis) = (graph.tensor([2, 3, 4]), graph.int32(axes))
        graph.apply(.mean, [x, axis], [graph.tensor(output)], .reduce(keepDimensions: keep))
      }
    }
    #expect(mean([1, -2, 1], [2, 4]) == "no error")
    #expect(mean([], [2, 3, 4]).contains("tensor 1 is empty"))
    #expect(mean([3], [2, 3]).contains("no dimension 3"))
    #expect(mean([-4], [2, 3]).contains("no dimension -4"))
    #expect(mean([Int32.min], [2, 3]).contains("no dimension"))
    #expect(mean([1], [2, 4], keep: true).contains("not [2, 1, 4]"))
  }

  @Test func `Movements`() {
    func movement(
      _ code: BuiltinOperatorCode, _ input: [Int], _ output: [Int], _ constants: [[Int32]],
      _ options: OperatorOptions = .none, input2: [Int]? = nil
    ) -> String {
      message(inputs: input2 == nil ? [0] : [0, 1], outputs: [input2 == nil ? 1 : 2]) { graph in
        var inputs = [graph.tensor(input)]
        if let input2 { inputs.append(graph.tensor(input2)) }
        let y = graph.tensor(output)
        for values in constants { inputs.append(graph.int32(values)) }
        graph.apply(code, inputs, [y], options)
      }
    }
    let slice = OperatorOptions.stridedSlice(StridedSliceOptions())
    let faults: [(String, String)] = [
      (movement(.reshape, [6], [2, 4], []), "cannot become"),
      (movement(.pad, [2], [4], [[1]]), "does not fit"),
      (movement(.pad, [2], [4], [[1, 2]]), "does not bring"),
      (movement(.pad, [2], [4], [[-1, 3]]), "does not fit"),
      (movement(.transpose, [2, 3], [3, 2], [[1, 1]]), "does not bring"),
      (movement(.transpose, [2, 3], [2, 3], [[1, 0]]), "does not bring"),
      (movement(.transpose, [2, 3], [3, 2], [[1, 2]]), "does not bring"),
      (movement(.stridedSlice, [4], [4], [[0], [4], [0]], slice), "by 0 is no part"),
      (movement(.stridedSlice, [4], [4], [[4], [4], [1]], slice), "is no part"),
      (movement(.stridedSlice, [4], [4], [[0], [3], [1]], slice), "not [3]"),
      (movement(.stridedSlice, [4], [4], [[0, 0], [3], [1]], slice), "1 entries each"),
      (
        movement(
          .stridedSlice, [4], [4], [[0], [4], [1]],
          .stridedSlice(StridedSliceOptions(ellipsisMask: 1))), "ellipsis"
      ),
      (
        movement(
          .concatenation, [2, 2], [2, 4], [], .concatenation(axis: 2, activation: .none),
          input2: [2, 2]), "no dimension 2"
      ),
      (
        movement(
          .concatenation, [2, 2], [2, 5], [], .concatenation(axis: 1, activation: .none),
          input2: [2, 2]), "fill 4 of 5"
      ),
      (
        movement(
          .concatenation, [2, 2], [2, 4], [], .concatenation(axis: 1, activation: .none),
          input2: [1, 2]), "does not fit"
      ),
      (
        movement(
          .resizeNearestNeighbor, [1, 2, 2, 1], [1, 3, 4, 1], [[3, 3]],
          .resizeNearestNeighbor(alignCorners: false, halfPixelCentres: false)), "does not bring"
      ),
    ]
    for (text, reason) in faults {
      #expect(text.hasPrefix("operator 0 (") && text.contains(reason), "\(text)")
    }
  }

  @Test func `Splits`() {
    func split(_ axis: Int32, _ outputs: [[Int]]) -> String {
      message(outputs: [1]) { graph in
        let x = graph.tensor([4, 6])
        let ys = outputs.map { graph.tensor($0) }
        graph.apply(.split, [graph.int32([axis]), x], ys, .split(count: outputs.count))
      }
    }
    #expect(split(1, [[4, 3], [4, 3]]) == "no error")
    #expect(split(-2, [[1, 6], [3, 6]]) == "no error")
    #expect(split(2, [[4, 3], [4, 3]]).contains("no dimension [2]"))
    #expect(split(1, [[4, 3], [4, 4]]).contains("output 1 of shape [4, 4] is no part"))
    #expect(split(1, [[4, 3], [4, 2]]).contains("take 5 of 6"))
    #expect(split(1, [[3, 3], [4, 3]]).contains("output 0"))
  }

  @Test func `Quantisation that an operator does not have`() {
    func softmax(scale: Float, zeroPoint: Int, beta: Float = 1) -> String {
      message(outputs: [1]) { graph in
        let (x, y) = (
          graph.tensor([2, 3]), graph.tensor([2, 3], scale: scale, zeroPoint: zeroPoint)
        )
        graph.apply(.softmax, [x], [y], .softmax(beta: beta))
      }
    }
    #expect(softmax(scale: 1.0 / 256, zeroPoint: -128) == "no error")
    #expect(softmax(scale: 1.0 / 255, zeroPoint: -128).contains("1/256"))
    #expect(softmax(scale: 1.0 / 256, zeroPoint: 0).contains("1/256"))
    #expect(softmax(scale: 1.0 / 256, zeroPoint: -128, beta: .nan).contains("beta nan"))
    #expect(softmax(scale: 1.0 / 256, zeroPoint: -128, beta: -1).contains("beta -1"))
    #expect(
      message(outputs: [1]) { graph in
        let (x, y) = (graph.tensor([3]), graph.tensor([3], scale: 1.0 / 256))
        graph.apply(.logistic, [x], [y])
      }.contains("zero point is not -128"))
    #expect(
      message(outputs: [1]) { graph in
        let x = graph.tensor([1, 2, 2, 1])
        let y = graph.tensor([1, 2, 2, 1], scale: 0.6)
        graph.apply(
          .maxPool2D, [x], [y],
          .pool(
            PoolOptions(
              padding: .same, strideHeight: 1, strideWidth: 1, filterHeight: 1, filterWidth: 1)))
      }.contains("differ in quantisation"))
    #expect(
      message(outputs: [1]) { graph in
        let (x, y) = (
          graph.add(
            [3], .int8, quantisation: TFLiteQuantisation(scales: [1, 2, 3], zeroPoints: [0, 0, 0])),
          graph.tensor([3])
        )
        graph.apply(.quantize, [x], [y])
      }.contains("no valid quantisation"))
    #expect(
      message(outputs: [2]) { graph in
        let x = graph.tensor([3])
        let middle = graph.add([3], .int8, quantisation: nil)
        graph.apply(.quantize, [x], [middle])
        graph.apply(.quantize, [middle], [graph.tensor([3])])
      } == "operator 0 (QUANTIZE): the output has no quantisation")
  }
}
