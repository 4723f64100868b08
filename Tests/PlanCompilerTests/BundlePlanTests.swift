import BundleFormat
import Foundation
import MCUKernels
import TFLite
import TestBundles
import Testing

@testable import PlanCompiler

/// What a bundle's manifest adds to its device graph.
@Suite struct BundlePlanTests {
  private static func compile(
    _ path: BundleManifest.Path, coderTables: [UInt8]? = nil
  ) throws(CompileError) -> CompiledPlan {
    try BranchGraph.compile(
      BranchGraph.model(), BranchGraph.manifest([path]), coderTables: coderTables)
  }

  @Test func `Tables, alpha and digest are in the image`() throws {
    let compiled = try Self.compile(
      BranchGraph.offload(symbols: BranchGraph.tables, alpha: [1, 0.75, 0.5, 0.25, 0]))
    #expect(compiled.operators.map(\.name) == ["CAMERA", "CONV_2D", "CONV_2D", "FULLY_CONNECTED"])
    #expect(compiled.operators.map(\.graphIndex) == [nil, 0, 3, 1])
    #expect(compiled.inputs.map(\.name) == ["camera"])
    #expect(compiled.inputs.map(\.type) == ["uint8"])
    #expect(compiled.outputs.map(\.name) == ["localLogits", "features"])
    try compiled.image.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.bundleDigest.elementsEqual(0..<32))
      #expect(plan.classCount == 2)
      #expect(plan.scheme == .agilenn)
      #expect(plan.inputIndex(role: .camera) == 0)
      #expect((0..<3).map { plan.input(0).dimension($0) } == [4, 4, 3])
      #expect(plan.pathCount == 1)
      let path = plan.path(0)
      let send = try #require(path.send)
      #expect((send.height, send.width, send.channels) == (2, 2, 4))
      #expect(send.coder == .lzw)
      #expect(send.alphabetSize == 3)
      #expect(send.coderTables == nil)
      #expect(
        send.symbolTables?.elementsEqual(BranchGraph.tables.flatMap(\.symbolOf)) == true)
      #expect(path.exitCount == 2)
      let exit = path.exit(0)
      #expect(exit.tensor?.scale == 0.125)
      #expect(exit.tensor?.zeroPoint == 4)
      #expect(exit.threshold == 2)
      #expect(exit.alpha.map(Array.init) == [1, 0.75, 0.5, 0.25, 0])
      #expect(path.exit(1).isServer)
    }
  }

  @Test func `Every scheme has a number`() throws {
    for scheme in BundleManifest.Scheme.allCases {
      let compiled = try BranchGraph.compile(
        BranchGraph.model(), BranchGraph.manifest([BranchGraph.offload()], scheme: scheme))
      let found = try compiled.image.withUnsafeBytes { try Plan(image: $0).scheme }
      #expect("\(found)" == "\(scheme)")
    }
  }

  @Test func `A bundle's folder, read and compiled`() throws {
    let bundle = try FixtureBundle.tiny.load()
    let compiled = try PlanCompiler.compile(bundle: bundle, camera: (32, 32))
    try compiled.image.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.bundleDigest.elementsEqual(bundle.digest))
      #expect(plan.path(0).exit(0).alpha.map(Array.init) == [0.25])
      #expect(plan.path(0).send?.symbolTables?.count == 256)
    }
    #expect(throws: CompileError.self) {
      try PlanCompiler.compile(bundle: bundle, camera: (33, 32))
    }
  }

  @Test func `One table serves every channel`() throws {
    let compiled = try Self.compile(BranchGraph.offload(symbols: [BranchGraph.tables[1]]))
    try compiled.image.withUnsafeBytes { bytes in
      let send = try #require(try Plan(image: bytes).path(0).send)
      #expect(send.symbolTableCount == 1)
      #expect(send.symbolTables?.elementsEqual(BranchGraph.tables[1].symbolOf) == true)
    }
  }

  @Test func `Channels are sent in the order of the manifest, some of them twice`() throws {
    let picked = [1, 0, 1]
    let compiled = try Self.compile(
      BranchGraph.offload(
        channels: picked, symbols: picked.map { BranchGraph.tables[$0] }, missing: [1, 2, 3],
        alpha: [1, 0.5, 0.25, 0]))
    try compiled.image.withUnsafeBytes { bytes in
      let send = try #require(try Plan(image: bytes).path(0).send)
      #expect(send.channels == 3)
      #expect(send.pickedChannels.map { $0.map(Int.init) } == picked)
      #expect(send.symbolTableCount == 3)
    }
    #expect(throws: CompileError.self) {
      try Self.compile(BranchGraph.offload(channels: [0, 4]))
    }
    #expect(throws: CompileError.self) {
      try Self.compile(
        BranchGraph.offload(channels: picked, symbols: BranchGraph.tables, missing: [0]))
    }
    #expect(throws: CompileError.self) {
      try Self.compile(BranchGraph.offload(channels: picked, alpha: [1, 0.5, 0]))
    }
  }

  @Test func `Without symbols the int8 values are sent`() throws {
    let compiled = try Self.compile(BranchGraph.offload())
    try compiled.image.withUnsafeBytes { bytes in
      let send = try #require(try Plan(image: bytes).path(0).send)
      #expect(send.symbolTables == nil)
      #expect(send.alphabetSize == 256)
      #expect(send.coder == .raw)
    }
  }

  @Test func `The range coder's tables are in the image, aligned`() throws {
    var path = BranchGraph.offload(symbols: BranchGraph.tables)
    path.sends[0].coder = .init(name: .range, tables: .init(file: "coder.bin"))
    let tables = (0..<37).map { UInt8($0) }
    let compiled = try Self.compile(path, coderTables: tables)
    try compiled.image.withUnsafeBytes { bytes in
      let send = try #require(try Plan(image: bytes).path(0).send)
      let found = try #require(send.coderTables)
      #expect(found.elementsEqual(tables))
      let start = try #require(found.baseAddress) - (try #require(bytes.baseAddress))
      #expect(start % 16 == 0)
    }
  }

  /// The largest softmax probability, against its definition in double precision.
  @Test func `The table gives an exit's confidence`() throws {
    var path = BranchGraph.offload()
    path.exits[0].temperature = 1.7
    path.exits[0].threshold = 0.9
    let compiled = try Self.compile(path)
    try compiled.image.withUnsafeBytes { bytes in
      let exit = try Plan(image: bytes).path(0).exit(0)
      #expect(exit.threshold == 0.9)
      let table = try #require(exit.confidenceTable)
      for logits: [Int] in [
        [-128, 127], [5, 5], [0, 1], [17, -3, 16], [40, 0, 0, 0, 0, 0, 39],
      ] {
        let largest = try #require(logits.max())
        let confidence = 1 / logits.reduce(Float(0)) { $0 + table[largest - $1] }
        let shares = logits.map { exp(Double($0 - 4) * 0.125 / Double(Float(1.7))) }
        let expected = (shares.max() ?? 0) / shares.reduce(0, +)
        #expect(abs(Double(confidence) - expected) < 1e-6, "\(logits)")
      }
    }
  }

  @Test func `What does not fit is one clear error`() {
    let offload = BranchGraph.offload()
    func manifest(_ path: BundleManifest.Path) -> BundleManifest { BranchGraph.manifest([path]) }
    let model = BranchGraph.model()
    let cases: [(TFLiteModel, BundleManifest, (Int, Int), String)] = [
      (model, manifest(offload), (5, 4), "an image of 5x4 pixels is not 4x4"),
      (model, manifest(offload), (0, 4), "a camera image of 0x4 pixels"),
      (model, manifest(offload), (4, 5000), "a camera image of 4x5000 pixels"),
      (
        model, BranchGraph.manifest([offload], width: 5), (5, 4), "not int8 [1, 4, 5, 3]"
      ),
      (BranchGraph.model(scale: 0.5), manifest(offload), (4, 4), "the scale 1/255"),
      (BranchGraph.model(zeroPoint: 0), manifest(offload), (4, 4), "the zero point -128"),
      (
        model, manifest(BranchGraph.offload(local: "logits")), (4, 4),
        "no output 'logits' for the exit 'local'"
      ),
      (
        model, manifest(BranchGraph.offload(sending: "maps")), (4, 4), "no output 'maps' to send"
      ),
      (
        model, manifest(BranchGraph.offload(sending: "localLogits")), (4, 4),
        "the output to send 'localLogits' is int8 [1, 2], not int8 [1, height"
      ),
      (
        model, BranchGraph.manifest([offload], classes: 3), (4, 4),
        "the exit 'local', the output 'localLogits', is int8 [1, 2], not int8 [1, 3]"
      ),
      (
        model, manifest(BranchGraph.offload(symbols: Array(BranchGraph.tables[..<3]))), (4, 4),
        "3 symbol tables for 4 channels of 'features'"
      ),
      (
        model, manifest(BranchGraph.offload(missing: [1, 2])), (4, 4),
        "2 missing values for 4 channels of 'features'"
      ),
      (
        model, manifest(BranchGraph.offload(alpha: [0, 1, 0])), (4, 4),
        "3 numbers of alpha at the exit 'local'; 4 channels have 1 or 5"
      ),
    ]
    for (model, manifest, camera, reason) in cases {
      do {
        _ = try BranchGraph.compile(model, manifest, camera: camera)
        Issue.record("no error: \(reason)")
      } catch {
        #expect("\(error)".contains(reason), "\(error)")
        #expect(!"\(error)".contains { $0.isNewline })
        #expect(error.exitStatus == 65)
      }
    }
  }
}
