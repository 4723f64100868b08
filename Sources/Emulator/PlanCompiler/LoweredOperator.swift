import MCUKernels

/// One record of the plan before anything has an address.
struct LoweredOperator {
  /// What an operator reads.
  enum Operand {
    /// A buffer of the arena, by number.
    case buffer(Int)
    /// Bytes in the image.
    case constant([UInt8])
  }

  /// Position in the graph; nil for the camera.
  let graphIndex: Int?
  /// The graph's name for it.
  let name: String
  var geometry: OperatorGeometry
  var batches = 1
  var input: Operand
  var inputBytes: Int
  var second: Operand?
  var secondBytes = 0
  /// A buffer of the arena, by number.
  var output: Int
  var outputBytes: Int
  /// Weights or tables, for the image.
  var constants: [UInt8]?
  /// Channel or loop rows, for the image.
  var rows: [Int32] = []
  /// Words of one of them.
  var rowWords = PlanFormat.loopRowSize / 4
  /// Bytes of the arena that it needs beside its tensors while it runs.
  var scratchBytes = 0
  /// The record's words that are neither addresses nor geometry.
  var words: [PlanFormat.Word: Int32] = [:]
  var flags: UInt32 = 0
  /// Whether the output may lie where the input or the second operand lies, if that dies here: each
  /// element is read before it is written, and none is read after.
  var mayRunInPlace = false
  /// Bytes that the output must start below the input at least to run into what has been read for
  /// the last time, where rows are read and written in order; nil where they are not.
  var rowLead: Int?

  init(
    _ view: OperatorView, geometry: OperatorGeometry, input: Operand, inputBytes: Int, output: Int,
    outputBytes: Int
  ) {
    self.init(
      graphIndex: view.index, name: view.name, geometry: geometry, input: input,
      inputBytes: inputBytes, output: output, outputBytes: outputBytes)
  }

  init(
    graphIndex: Int?, name: String, geometry: OperatorGeometry, input: Operand, inputBytes: Int,
    output: Int, outputBytes: Int
  ) {
    self.graphIndex = graphIndex
    self.name = name
    self.geometry = geometry
    self.input = input
    self.inputBytes = inputBytes
    self.output = output
    self.outputBytes = outputBytes
    words[.dilationHeight] = 1
    words[.dilationWidth] = 1
    words[.activationMinimum] = -128
    words[.activationMaximum] = 127
  }

  /// The buffers that it reads.
  var inputBuffers: [Int] {
    [input, second].compactMap { operand in
      if case .buffer(let number) = operand { number } else { nil }
    }
  }

  mutating func set(_ word: PlanFormat.Word, _ value: Int) {
    words[word] = Int32(truncatingIfNeeded: value)
  }

  mutating func set(
    _ multiplier: PlanFormat.Word, _ shift: PlanFormat.Word, _ scale: QuantisedScale
  ) {
    words[multiplier] = scale.multiplier
    words[shift] = scale.shift
  }

  /// Zero point and range of the output.
  mutating func setOutput(_ quantisation: Quantisation, _ range: ClosedRange<Int>) {
    set(.outputZeroPoint, quantisation.zeroPoint)
    set(.activationMinimum, range.lowerBound)
    set(.activationMaximum, range.upperBound)
  }
}

extension OperatorGeometry {
  /// The geometry of an operator from one shape to another, without a window.
  init(_ kind: OperatorKind, from input: [Int], to output: [Int], inputElements: Int? = nil) {
    func extent(_ shape: [Int], fromEnd distance: Int) -> Int {
      shape.count >= distance ? shape[shape.count - distance] : 1
    }
    self.init(
      kind: kind, inputHeight: extent(input, fromEnd: 3), inputWidth: extent(input, fromEnd: 2),
      inputChannels: extent(input, fromEnd: 1), outputHeight: extent(output, fromEnd: 3),
      outputWidth: extent(output, fromEnd: 2), outputChannels: extent(output, fromEnd: 1),
      kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1,
      inputElements: inputElements ?? input.reduce(1, *), outputElements: output.reduce(1, *),
      macs: 0)
  }
}
