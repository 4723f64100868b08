import BundleFormat
import MCUKernels
import TFLite
import Testing

@testable import PlanCompiler

/// One plan for all paths: order, blocks, and what is left out.
@Suite struct PathPlanTests {
  private static let alone = BundleManifest.Path(
    name: "alone", device: "device", remote: nil,
    exits: [.init(name: "local", place: .device)])
  private static let deep = BundleManifest.Path(
    name: "deep", device: "device", sends: [.init(tensor: "deep")], remote: "remote",
    exits: [
      .init(name: "early", place: .device), .init(place: .server),
      .init(name: "late", place: .device, tensor: "deepLogits", threshold: 0.5, alpha: [0.5]),
    ])
  private static let image = BundleManifest.Path(name: "image", device: nil, remote: "remote")

  private static func compile(_ paths: [BundleManifest.Path]) throws -> CompiledPlan {
    try BranchGraph.compile(BranchGraph.model(), BranchGraph.manifest(paths))
  }

  @Test func `What is sent comes first, then the exits in order`() throws {
    let compiled = try Self.compile([BranchGraph.offload()])
    #expect(compiled.operators.map(\.graphIndex) == [nil, 0, 3, 1])
    #expect(compiled.blocks == [0..<2, 2..<3, 3..<4])
    let plan = try PlanArena(compiled).plan
    #expect(plan.path(0).send?.blocks == 0b011)
    #expect(plan.path(0).exit(0).blocks == 0b101)
    #expect(plan.path(0).exit(1).blocks == 0)
  }

  @Test func `Paths share what they have in common`() throws {
    let compiled = try Self.compile([BranchGraph.offload(), Self.deep, Self.alone])
    // Trunk; features; local logits; deep features; deep logits.
    #expect(compiled.operators.map(\.graphIndex) == [nil, 0, 3, 1, 4, 5])
    #expect(compiled.blocks == [0..<2, 2..<3, 3..<4, 4..<5, 5..<6])
    let plan = try PlanArena(compiled).plan
    #expect(plan.pathCount == 3)
    #expect(plan.path(0).send?.blocks == 0b00011)
    #expect(plan.path(1).send?.blocks == 0b01011)
    #expect((0..<3).map { plan.path(1).exit($0).blocks } == [0b00101, 0, 0b11011])
    #expect((0..<3).map { plan.path(1).exit($0).isServer } == [false, true, false])
    #expect(plan.path(2).send == nil)
    #expect(plan.path(2).exitCount == 1)
    #expect(plan.path(2).exit(0).blocks == 0b00101)
    #expect(plan.path(2).exit(0).tensor?.offset == plan.path(0).exit(0).tensor?.offset)
  }

  @Test func `The order of the paths is the order of the operators`() throws {
    let compiled = try Self.compile([Self.alone, BranchGraph.offload()])
    #expect(compiled.operators.map(\.graphIndex) == [nil, 0, 1, 3])
  }

  @Test func `What no path needs is left out`() throws {
    let compiled = try Self.compile([Self.alone])
    #expect(compiled.operators.map(\.graphIndex) == [nil, 0, 1])
    #expect(compiled.outputs.map(\.name) == ["localLogits"])
    #expect(compiled.blocks == [0..<3])
    #expect(!compiled.arenaTenants.contains { ["spare", "features"].contains($0.name) })
  }

  @Test func `Without a device graph the image is sent`() throws {
    var image = Self.image
    image.sends[0].symbols = [BranchGraph.tables[0]]
    let compiled = try BranchGraph.compile(nil, BranchGraph.manifest([image]))
    #expect(compiled.operators.map(\.name) == ["CAMERA"])
    let arena = try PlanArena(compiled)
    let send = try #require(arena.plan.path(0).send)
    #expect((send.height, send.width, send.channels) == (4, 4, 3))
    #expect(send.blocks == 1)
    #expect(send.tensor.zeroPoint == -128)
    #expect(send.symbolTableCount == 1)
    arena.start([0, 1, 127, 128, 255])
    try arena.run(send.blocks)
    #expect(arena.bytes(send.tensor).prefix(5) == [0x80, 0x81, 0xFF, 0x00, 0x7F])
  }

  @Test func `A path that sends the image stands beside others`() throws {
    let compiled = try Self.compile([BranchGraph.offload(), Self.image])
    #expect(compiled.outputs.map(\.name) == ["localLogits", "features", "image"])
    let arena = try PlanArena(compiled)
    let send = try #require(arena.plan.path(1).send)
    #expect(send.blocks == 1)
    // The image is still there when everything has run.
    arena.start([7, 200, 33])
    try arena.run(.max >> UInt32(32 - arena.plan.blockCount))
    let expected: [UInt8] = [7 ^ 0x80, 200 ^ 0x80, 33 ^ 0x80]
    #expect(Array(arena.bytes(send.tensor).prefix(3)) == expected)
  }

  @Test func `Two device graphs are refused`() {
    var other = Self.alone
    other.device = "second"
    let error = #expect(throws: CompileError.self) {
      try PlanCompiler.deviceGraph(of: BranchGraph.manifest([BranchGraph.offload(), other]))
    }
    #expect(
      error.map { "\($0)" } == "the bundle cannot be compiled: its paths name 2 device graphs "
        + "('device', 'second'), and a plan has one")
  }

  /// A chain with a head at each step; each head cuts a block off, and the rest of the chain another.
  private static func chain(heads: Int, sendingLast: Bool) -> (TFLiteModel, BundleManifest) {
    var graph = GraphBuilder()
    let input = graph.tensor([1, 4, 4, 3], scale: 1.0 / 255, zeroPoint: -128)
    var trunk = input
    var outputs: [Int] = []
    var paths: [BundleManifest.Path] = []
    for head in 0..<heads {
      let next = graph.tensor([1, 4, 4, 3], name: "trunk \(head)")
      graph.apply(.mul, [trunk, trunk], [next], .elementwise(.none))
      trunk = next
      outputs.append(graph.tensor([1, 2], name: "\(head)"))
      graph.apply(
        .fullyConnected, [trunk, graph.weights([2, 48])], [outputs[head]],
        .fullyConnected(FullyConnectedOptions()))
      paths.append(
        .init(
          name: "\(head)", device: "device", remote: nil,
          exits: [.init(place: .device, tensor: "\(head)")]))
    }
    if sendingLast {
      outputs.append(trunk)
      paths.append(
        .init(
          name: "send", device: "device", sends: [.init(tensor: "trunk \(heads - 1)")],
          remote: "remote", exits: [.init(place: .server)]))
    }
    return (graph.model(inputs: [input], outputs: outputs), BranchGraph.manifest(paths))
  }

  @Test func `As many blocks as a plan has`() throws {
    let (model, manifest) = Self.chain(heads: 16, sendingLast: true)
    let compiled = try BranchGraph.compile(model, manifest)
    #expect(compiled.blocks.count == 32)
    let plan = try PlanArena(compiled).plan
    #expect(plan.path(16).send?.blocks == 0x5555_5555)
    #expect(plan.path(15).exit(0).blocks == 0xD555_5555)
  }

  @Test(arguments: [17, 34, 64])
  func `More blocks than a plan has are refused`(heads: Int) {
    let (model, manifest) = Self.chain(heads: heads, sendingLast: false)
    let error = #expect(throws: CompileError.self) {
      try BranchGraph.compile(model, manifest)
    }
    #expect(
      error.map { "\($0)" } == "the bundle cannot be compiled: what its paths need cuts the device "
        + "graph into more than 32 blocks")
  }
}
