import COnnxRuntime

/// A network in an ONNX Runtime session.
struct ONNXNetwork: RemoteNetwork {
  private let library: OrtLibrary
  private let session: OrtSession

  init(library: OrtLibrary, session: OrtSession) {
    self.library = library
    self.session = session
  }

  var inputs: [TensorDescription] { session.inputs }
  var outputs: [TensorDescription] { session.outputs }

  func run(
    _ inputs: [String: [Float]], batch: Int, outputs: [String]
  ) throws -> [String: [Float]] {
    try checkTensors(inputs, batch: batch, outputs: outputs)
    var values: [OpaquePointer?] = []
    var results = [OpaquePointer?](repeating: nil, count: outputs.count)
    defer {
      for value in values + results where value != nil {
        library.functions.releaseValue(value)
      }
    }
    for description in session.inputs {
      values.append(try tensor(description, batch: batch, values: inputs[description.name] ?? []))
    }
    let status = CStringArray(session.inputs.map(\.name)).withPointers { inputNames in
      CStringArray(outputs).withPointers { outputNames in
        library.functions.run(
          session.pointer, nil, inputNames, values, values.count, outputNames, outputs.count,
          &results)
      }
    }
    try library.check(status, "run the network")
    var named: [String: [Float]] = [:]
    for (name, result) in zip(outputs, results) {
      named[name] = try copy(result, name: name, batch: batch)
    }
    return named
  }

  private func checkTensors(
    _ values: [String: [Float]], batch: Int, outputs: [String]
  ) throws(RemoteEngineError) {
    guard batch > 0 else { throw .tensorMismatch("a batch of \(batch) items") }
    for name in values.keys where !inputs.contains(where: { $0.name == name }) {
      throw .tensorMismatch("the network has no input '\(name)'")
    }
    for input in inputs {
      guard input.element == .float32 else {
        throw .tensorMismatch("the network's input is \(input), not float32")
      }
      guard let tensor = values[input.name] else {
        throw .tensorMismatch("the network's input '\(input.name)' has no values")
      }
      guard input.accepts(batch: batch), let perItem = input.elementsPerItem else {
        throw .tensorMismatch("the network's input \(input) takes no batch of \(batch)")
      }
      let (wanted, overflow) = perItem.multipliedReportingOverflow(by: batch)
      guard !overflow, tensor.count == wanted else {
        throw .tensorMismatch(
          "\(tensor.count) values for a batch of \(batch) of the network's input \(input)")
      }
    }
    guard !outputs.isEmpty else { throw .tensorMismatch("no output is asked for") }
    for name in outputs {
      guard let output = self.outputs.first(where: { $0.name == name }) else {
        throw .tensorMismatch("the network has no output '\(name)'")
      }
      guard output.element == .float32 else {
        throw .tensorMismatch("the network's output is \(output), not float32")
      }
    }
  }

  /// A tensor of ONNX Runtime's with a copy of the values, so that no lifetime depends on ours.
  private func tensor(
    _ description: TensorDescription, batch: Int, values: [Float]
  ) throws(RemoteEngineError) -> OpaquePointer? {
    var shape = description.shape.map { Int64($0) }
    shape[0] = Int64(batch)
    var value: OpaquePointer?
    try library.check(
      library.functions.createTensor(library.allocator, shape, shape.count, 1, &value),
      "allocate an input")
    var memory: UnsafeMutableRawPointer?
    do throws(RemoteEngineError) {
      try library.check(library.functions.tensorData(value, &memory), "reach an input")
    } catch {
      library.functions.releaseValue(value)
      throw error
    }
    values.withUnsafeBytes { bytes in
      if let source = bytes.baseAddress { memory?.copyMemory(from: source, byteCount: bytes.count) }
    }
    return value
  }

  private func copy(
    _ value: OpaquePointer?, name: String, batch: Int
  ) throws(RemoteEngineError) -> [Float] {
    let functions = library.functions
    guard let value else { throw .failed(operation: "run the network", reason: "no '\(name)'") }
    var info: OpaquePointer?
    try library.check(functions.valueTypeAndShape(value, &info), "describe an output")
    guard let info else {
      throw .failed(operation: "describe an output", reason: "'\(name)' is no tensor")
    }
    defer { functions.releaseTensorInfo(info) }
    let found = TensorDescription(
      name: name, shape: try library.shape(of: info), element: try library.element(of: info))
    guard found.element == .float32, found.shape.first == batch else {
      throw .tensorMismatch("the network's output is \(found), not float32 of a batch of \(batch)")
    }
    var count = 0
    try library.check(functions.tensorElementCount(info, &count), "measure an output")
    var memory: UnsafeMutableRawPointer?
    try library.check(functions.tensorData(value, &memory), "reach an output")
    guard let memory else { return [] }
    return Array(
      UnsafeBufferPointer(start: memory.assumingMemoryBound(to: Float.self), count: count))
  }
}
