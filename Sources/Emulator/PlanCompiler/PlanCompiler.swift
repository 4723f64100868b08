import MCUKernels
public import TFLite

/// Compiles an int8 `.tflite` graph to the plan that the chip runs.
///
/// Everything that TensorFlow Lite Micro computes with floating point while it prepares a graph is
/// computed here, in the same way: the chip sees integers alone. Results equal TensorFlow Lite
/// Micro's reference kernels to the bit.
public enum PlanCompiler {
  /// Compiles a bare model, its own inputs and outputs being the plan's.
  ///
  /// - Throws: ``CompileError``: one line for the first fault or unsupported feature found, naming
  ///   the operator where there is one.
  public static func compile(_ model: TFLiteModel) throws(CompileError) -> CompiledPlan {
    let graph = try GraphLowering(model)
    return try compile(
      graph, inputs: ports(of: model, model.inputs, in: graph),
      outputs: ports(of: model, model.outputs, in: graph),
      tables: BundleTables(blocks: OperatorOrder(graph.operators).blocks))
  }

  /// An input or output of a plan and the buffer that holds it.
  struct Port {
    let name: String
    let shape: [Int]
    let type: PlanTensor.ElementType
    let quantisation: Quantisation?
    let buffer: Int
    var role = PlanTensor.Role.none
  }

  /// The ports of a graph's inputs or outputs.
  static func ports(
    of model: TFLiteModel, _ tensors: [Int], in graph: GraphLowering
  ) -> [Port] {
    tensors.compactMap { index in
      let tensor = model.tensors[index]
      guard let buffer = graph.buffer(ofTensor: index) else { return nil }
      let type: PlanTensor.ElementType
      switch tensor.type {
      case .int8: type = .int8
      case .uint8: type = .uint8
      default: type = .float32
      }
      var quantisation: Quantisation?
      if type != .float32, let parameters = tensor.quantisation {
        quantisation = Quantisation(
          scale: parameters.scales[0], zeroPoint: parameters.zeroPoints[0])
      }
      return Port(
        name: tensor.name, shape: tensor.shape, type: type, quantisation: quantisation,
        buffer: buffer)
    }
  }

  /// Plans the memory and writes the image.
  static func compile(
    _ graph: GraphLowering, inputs: [Port], outputs: [Port], tables: BundleTables
  ) throws(CompileError) -> CompiledPlan {
    let layout = ArenaLayout(
      buffers: graph.buffers, operators: graph.operators, inputs: inputs.map(\.buffer),
      outputs: outputs.map(\.buffer))
    guard layout.arenaSize <= PlanFormat.sizeLimit else {
      throw .invalidModel(reason: "its tensors take \(layout.arenaSize) bytes at once")
    }
    let writer = try ImageWriter(
      operators: graph.operators, layout: layout,
      inputs: inputs.map { tensor($0, layout) }, outputs: outputs.map { tensor($0, layout) },
      tables: tables)
    let geometries: [OperatorGeometry]
    do {
      geometries = try writer.image.withUnsafeBytes { bytes throws(PlanError) in
        let plan = try Plan(image: bytes)
        return (0..<plan.operatorCount).map { plan.geometry(ofOperator: $0) }
      }
    } catch {
      throw .invalidModel(reason: "its sizes are beyond what a plan can hold (\(error))")
    }
    return CompiledPlan(
      image: writer.image, arenaSize: layout.arenaSize, tensorPeak: layout.tensorPeak,
      arenaLowerBound: layout.lowerBound,
      inputs: inputs.map { summary($0, layout) }, outputs: outputs.map { summary($0, layout) },
      operators: graph.operators.enumerated().map { index, operation in
        OperatorSummary(
          index: index, graphIndex: operation.graphIndex, name: operation.name,
          macs: operation.geometry.macs, geometry: geometries[index])
      },
      blocks: tables.blocks, arenaTenants: tenants(graph, layout))
  }

  private static func tensor(_ port: Port, _ layout: ArenaLayout) -> ImageWriter.Tensor {
    ImageWriter.Tensor(
      offset: layout.offsets[port.buffer], byteCount: port.byteCount,
      quantisation: port.quantisation, elementType: port.type, role: port.role, shape: port.shape)
  }

  private static func summary(_ port: Port, _ layout: ArenaLayout) -> TensorSummary {
    TensorSummary(
      name: port.name, shape: port.shape, type: "\(port.type)",
      scale: port.quantisation?.scale, zeroPoint: port.quantisation?.zeroPoint,
      offset: layout.offsets[port.buffer], byteCount: port.byteCount)
  }

  private static func tenants(_ graph: GraphLowering, _ layout: ArenaLayout) -> [ArenaTenant] {
    let last = max(0, graph.operators.count - 1)
    let tensors = graph.buffers.indices
      .filter { layout.lifetimes[$0].lowerBound <= last }
      .map { index in
        ArenaTenant(
          name: graph.buffers[index].name, offset: layout.offsets[index],
          byteCount: graph.buffers[index].byteCount,
          firstOperator: max(0, layout.lifetimes[index].lowerBound),
          lastOperator: min(max(0, layout.lifetimes[index].upperBound), last))
      }
    let scratch = graph.operators.indices
      .filter { graph.operators[$0].scratchBytes > 0 }
      .map { index in
        ArenaTenant(
          name: "columns of \(graph.operators[index].name) \(index)",
          offset: layout.scratchOffsets[index], byteCount: graph.operators[index].scratchBytes,
          firstOperator: index, lastOperator: index)
      }
    return (tensors + scratch)
      .sorted { ($0.firstOperator, $0.offset) < ($1.firstOperator, $1.offset) }
  }
}

extension PlanCompiler.Port {
  var byteCount: Int { shape.reduce(type.size, *) }
}
