import BundleFormat
import MCUKernels
import SeededRandom
import TFLite
import Testing

@testable import PlanCompiler

/// Whatever is wanted of a plan, its blocks alone give what the whole plan gives.
@Suite struct BlockRunTests {
  /// A random graph of additions, products and convolutions in which any tensor may be asked for.
  private static func graph(
    _ random: inout SplitMix64
  ) -> (model: TFLiteModel, features: [String], logits: [String]) {
    var graph = GraphBuilder()
    let shape = [1, 3, 3, 3]
    let input = graph.tensor(shape, scale: 1.0 / 255, zeroPoint: -128, name: "image")
    var tensors = [input]
    var features: [(name: String, tensor: Int)] = []
    var logits: [(name: String, tensor: Int)] = []
    for number in 0..<Int.random(in: 3...12, using: &random) {
      func operand() -> Int { tensors.suffix(5).randomElement(using: &random) ?? input }
      let output = graph.tensor(shape, name: "t\(number)")
      let operands = [operand(), operand()]
      switch Int.random(in: 0..<4, using: &random) {
      case 0: graph.apply(.add, operands, [output], .elementwise(.none))
      case 1: graph.apply(.mul, operands, [output], .elementwise(.none))
      default:
        graph.apply(
          .conv2D, [operands[0], graph.weights([3, 3, 3, 3])], [output],
          .convolution(ConvolutionOptions(padding: .same, strideHeight: 1, strideWidth: 1)))
      }
      tensors.append(output)
      features.append(("t\(number)", output))
      if Bool.random(using: &random) {
        let head = graph.tensor([1, 2], name: "l\(number)")
        graph.apply(
          .fullyConnected, [output, graph.weights([2, 27])], [head],
          .fullyConnected(FullyConnectedOptions()))
        logits.append(("l\(number)", head))
      }
    }
    let asked = (
      Array(features.shuffled(using: &random).prefix(3)),
      Array(logits.shuffled(using: &random).prefix(3))
    )
    return (
      graph.model(inputs: [input], outputs: (asked.0 + asked.1).map(\.tensor)),
      asked.0.map(\.name), asked.1.map(\.name)
    )
  }

  private static func paths(_ features: [String], _ logits: [String]) -> [BundleManifest.Path] {
    features.enumerated().map { index, tensor in
      .init(
        name: "\(index)", device: "device", sends: [.init(tensor: tensor)], remote: "remote",
        exits: logits.prefix(index + 1).map { .init(name: $0, place: .device, tensor: $0) }
          + [.init(place: .server)])
    }
  }

  /// What is wanted of a plan, by its blocks.
  private struct Target {
    let tensor: PlanTensor
    let blocks: UInt32
  }

  private static func targets(of plan: Plan) -> [Target] {
    (0..<plan.pathCount).flatMap { index -> [Target] in
      let path = plan.path(index)
      let exits = (0..<path.exitCount).map { path.exit($0) }
      return (path.send.map { [Target(tensor: $0.tensor, blocks: $0.blocks)] } ?? [])
        + exits.compactMap { exit in
          exit.tensor.map { Target(tensor: $0, blocks: exit.blocks) }
        }
    }
  }

  @Test func `Any choice of targets, in any graph`() throws {
    var random = SplitMix64(seed: 13)
    var skipped = 0
    for round in 0..<60 {
      let (model, features, logits) = Self.graph(&random)
      var manifest = BranchGraph.manifest(Self.paths(features, logits))
      manifest.input = .init(width: 3, height: 3)
      let compiled = try BranchGraph.compile(model, manifest, camera: (3, 3))
      let arena = try PlanArena(compiled)
      let targets = Self.targets(of: arena.plan)
      let input = (0..<27).map { _ in UInt8.random(in: 0...255, using: &random) }
      let whole: UInt32 = .max >> UInt32(32 - arena.plan.blockCount)
      // In the graph's own order, as a bare model is compiled.
      let expected = try Self.outputs(of: model, input.map { $0 ^ 0x80 })
      for filler: UInt8 in [0x00, 0xA5] {
        for choice in 1..<min(1 << targets.count, 64) {
          let chosen = targets.indices.filter { choice & 1 << $0 != 0 }
          let blocks = chosen.reduce(UInt32(0)) { $0 | targets[$1].blocks }
          skipped += blocks == whole ? 0 : 1
          arena.start(input, filler: filler)
          try arena.run(blocks)
          for index in chosen {
            let name = Self.name(of: targets[index].tensor, in: compiled)
            #expect(arena.bytes(targets[index].tensor) == expected[name], "round \(round), \(name)")
          }
        }
      }
    }
    #expect(skipped > 500)
  }

  /// One target after another, as a device asks for them: each runs what is not yet done, and what
  /// came before stays.
  @Test func `Targets in turn`() throws {
    var random = SplitMix64(seed: 14)
    for round in 0..<60 {
      let (model, features, logits) = Self.graph(&random)
      var manifest = BranchGraph.manifest(Self.paths(features, logits))
      manifest.input = .init(width: 3, height: 3)
      let compiled = try BranchGraph.compile(model, manifest, camera: (3, 3))
      let arena = try PlanArena(compiled)
      let input = (0..<27).map { _ in UInt8.random(in: 0...255, using: &random) }
      let expected = try Self.outputs(of: model, input.map { $0 ^ 0x80 })
      // The first path's targets are wanted in the very order of the blocks.
      let path = arena.plan.path(0)
      let wanted =
        [path.send.map { Target(tensor: $0.tensor, blocks: $0.blocks) }].compactMap(\.self)
        + (0..<path.exitCount).compactMap { index in
          path.exit(index).tensor.map { Target(tensor: $0, blocks: path.exit(index).blocks) }
        }
      arena.start(input)
      var done: UInt32 = 0
      for (number, target) in wanted.enumerated() {
        let new = target.blocks & ~done
        // Blocks run in increasing order.
        #expect(new == 0 || done == 0 || new.trailingZeroBitCount >= 32 - done.leadingZeroBitCount)
        try arena.run(target.blocks, after: done)
        done |= target.blocks
        for earlier in wanted[...number] {
          let name = Self.name(of: earlier.tensor, in: compiled)
          #expect(arena.bytes(earlier.tensor) == expected[name], "round \(round), \(name)")
        }
      }
    }
  }

  private static func name(of tensor: PlanTensor, in compiled: CompiledPlan) -> String {
    compiled.outputs.first { $0.offset == tensor.offset }?.name ?? "?"
  }

  /// The outputs by name of a bare model, all its operators run in the graph's order.
  private static func outputs(of model: TFLiteModel, _ input: [UInt8]) throws -> [String: [UInt8]] {
    let compiled = try PlanCompiler.compile(model)
    let arena = try PlanArena(compiled)
    arena.start(input)
    try arena.run(1)
    return Dictionary(
      uniqueKeysWithValues: compiled.outputs.enumerated().map {
        ($1.name, arena.bytes(arena.plan.output($0)))
      })
  }
}
