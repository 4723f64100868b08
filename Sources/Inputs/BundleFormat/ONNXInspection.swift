/// Looks through an ONNX model for tensors whose data lies in other files, which a bundle may not
/// have: the file's name is the model's to choose, anywhere on the machine.
///
/// Messages and field numbers: `onnx.proto` of ONNX 1.17.
enum ONNXInspection {
  enum Fault: Error, Equatable {
    case notONNX
    case externalData
    case tooDeep
  }

  /// Messages inside messages; a real model's subgraphs take four for each level.
  private static let depthLimit = 64

  /// What is wrong with the model, if anything.
  static func fault(in model: UnsafeRawBufferPointer) -> Fault? {
    do {
      try check(model)
      return nil
    } catch { return error }
  }

  private static func check(_ model: UnsafeRawBufferPointer) throws(Fault) {
    var stack = [(message: Message.model, reader: ProtobufReader(model))]
    var hasGraph = false
    while let top = stack.last {
      guard let field = try nextField(&stack[stack.count - 1].reader) else {
        stack.removeLast()
        continue
      }
      if top.message == .tensor { try check(tensorField: field) }
      guard case .bytes(let bytes) = field.value,
        let inner = top.message.message(inField: field.number)
      else { continue }
      if top.message == .model, inner == .graph { hasGraph = true }
      guard stack.count < depthLimit else { throw .tooDeep }
      stack.append((inner, ProtobufReader(bytes)))
    }
    guard hasGraph else { throw .notONNX }
  }

  private static func nextField(
    _ reader: inout ProtobufReader
  ) throws(Fault) -> ProtobufReader.Field? {
    do { return try reader.next() } catch { throw .notONNX }
  }

  /// TensorProto: external_data = 13, data_location = 14, where EXTERNAL = 1.
  private static func check(tensorField field: ProtobufReader.Field) throws(Fault) {
    if field.number == 13 { throw .externalData }
    if field.number == 14, case .varint(let location) = field.value,
      // An enum is 32 bits; a longer varint loses the others.
      UInt32(truncatingIfNeeded: location) == 1
    {
      throw .externalData
    }
  }

  private enum Message {
    case model, graph, node, attribute, function, trainingInfo, sparseTensor, tensor

    /// The message in a field, if a tensor can be in there.
    func message(inField number: UInt64) -> Message? {
      switch (self, number) {
      case (.model, 7): .graph
      case (.model, 20): .trainingInfo
      case (.model, 25): .function
      case (.graph, 1): .node
      case (.graph, 5): .tensor
      case (.graph, 15): .sparseTensor
      case (.node, 5): .attribute
      case (.attribute, 5), (.attribute, 10): .tensor
      case (.attribute, 6), (.attribute, 11): .graph
      case (.attribute, 22), (.attribute, 23): .sparseTensor
      case (.function, 7): .node
      case (.function, 11): .attribute
      case (.trainingInfo, 1), (.trainingInfo, 2): .graph
      case (.sparseTensor, 1), (.sparseTensor, 2): .tensor
      default: nil
      }
    }
  }
}
