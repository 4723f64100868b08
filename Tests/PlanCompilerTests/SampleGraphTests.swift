import MCUKernels
import TFLite
import Testing

@testable import PlanCompiler

/// What the compiler says of graphs that are right. That results equal TensorFlow Lite Micro's is
/// what the oracle's tests show.
@Suite struct SampleGraphTests {
  @Test func `The samples have every kind of operator but the camera`() throws {
    let kinds = try SampleGraphs.all.flatMap { try PlanCompiler.compile($0.model).operators }
      .map(\.geometry.kind)
    #expect(Set(kinds) == Set(OperatorKind.allCases).subtracting([.camera]))
  }

  @Test func `The image and the summaries agree`() throws {
    for (name, model) in SampleGraphs.all {
      let compiled = try PlanCompiler.compile(model)
      try compiled.image.withUnsafeBytes { bytes in
        let plan = try Plan(image: bytes)
        #expect(plan.arenaSize == compiled.arenaSize, "\(name)")
        #expect(plan.operatorCount == compiled.operators.count)
        for summary in compiled.operators {
          #expect(plan.geometry(ofOperator: summary.index) == summary.geometry)
        }
        for (index, summary) in compiled.inputs.enumerated() {
          #expect(plan.input(index).offset == summary.offset)
          #expect(plan.input(index).byteCount == summary.byteCount)
        }
        for (index, summary) in compiled.outputs.enumerated() {
          #expect(plan.output(index).offset == summary.offset)
          #expect(summary.type == "\(plan.output(index).elementType)")
        }
      }
      #expect(compiled.image.count % PlanFormat.alignment == 0)
      #expect(try PlanCompiler.compile(model) == compiled, "\(name) compiles differently again")
    }
  }

  @Test
  func
    `Tenants alive at once do not overlap unless one takes over the other, or runs into it row by row`()
    throws
  {
    let windows: [OperatorKind] = [.conv2D, .depthwiseConv2D, .averagePool2D, .maxPool2D]
    for (name, model) in SampleGraphs.all {
      let compiled = try PlanCompiler.compile(model)
      let tenants = compiled.arenaTenants
      for (position, a) in tenants.enumerated() {
        #expect(a.offset + a.byteCount <= compiled.arenaSize)
        for b in tenants[(position + 1)...]
        where a.offset < b.offset + b.byteCount && b.offset < a.offset + a.byteCount {
          #expect(
            a.lastOperator < b.firstOperator
              || a.lastOperator == b.firstOperator
                && (a.offset == b.offset && a.byteCount == b.byteCount
                  || b.offset <= a.offset
                    && windows.contains(compiled.operators[b.firstOperator].geometry.kind)),
            "\(name): \(a) and \(b)")
        }
      }
    }
  }

  @Test func `What nobody reads takes no memory from others`() throws {
    var graph = GraphBuilder()
    // Two images, so that the pool's output does not run into its input.
    let shape = [2, 4, 4, 2]
    let (used, unused) = (graph.tensor(shape), graph.tensor(shape, name: "unused"))
    let output = graph.tensor(shape)
    graph.apply(
      .maxPool2D, [used], [output],
      .pool(
        PoolOptions(
          padding: .same, strideHeight: 1, strideWidth: 1, filterHeight: 3, filterWidth: 3)))
    let plan = try PlanCompiler.compile(graph.model(inputs: [used, unused], outputs: [output]))
    // Both inputs are written before the first operator runs; then the unread one may go.
    #expect(plan.tensorPeak == 128)
  }

  @Test func `Multiply-accumulates`() throws {
    let compiled = try PlanCompiler.compile(SampleGraphs.convolutions)
    #expect(
      compiled.operators.map(\.macs) == [
        6 * 5 * 6 * 27, 5 * 4 * 12 * 4, 3 * 2 * 12 * 9, 0, 0, 0, 2 * 5 * 6, 0,
      ])
  }

  @Test func `RESHAPE has no record and shares its input's memory`() throws {
    var graph = GraphBuilder()
    let (input, output) = (graph.tensor([2, 6]), graph.tensor([3, 4], name: "other"))
    graph.apply(.reshape, [input], [output], .reshape(newShape: [3, 4]))
    let compiled = try PlanCompiler.compile(graph.model(inputs: [input], outputs: [output]))
    #expect(compiled.operators.isEmpty)
    #expect(compiled.arenaSize == 16)
    #expect(compiled.outputs[0].offset == compiled.inputs[0].offset)
    #expect(compiled.outputs[0].shape == [3, 4])
  }

  @Test func `A dying operand's memory is taken over, a living one's is not`() throws {
    var graph = GraphBuilder()
    let (a, b) = (graph.tensor([64]), graph.tensor([64]))
    let (first, second) = (graph.tensor([64]), graph.tensor([64]))
    graph.apply(.add, [a, b], [first], .elementwise(.none))
    graph.apply(.add, [first, b], [second], .elementwise(.none))
    let dying = try PlanCompiler.compile(graph.model(inputs: [a, b], outputs: [second]))
    #expect(dying.arenaSize == 128)
    let kept = try PlanCompiler.compile(graph.model(inputs: [a, b], outputs: [second, first]))
    #expect(kept.arenaSize == 128)
    #expect(kept.outputs[0].offset != kept.outputs[1].offset)
    let all = try PlanCompiler.compile(
      graph.model(inputs: [a, b], outputs: [second, first, a, b]))
    #expect(all.arenaSize == 256)
  }
}
