import BundleFormat
import Foundation
import MCUKernels
import TFLite
import Testing

@testable import PlanCompiler

/// What a bundle's manifest adds to its device graph.
@Suite struct BundlePlanTests {
  private static let tables = (0..<4).map { table in
    BundleManifest.SymbolTable(
      symbolOf: (0..<256).map { UInt8(($0 + table) % 3) }, valueOf: [0, 1, 2])
  }

  private static func manifest(
    tables: [BundleManifest.SymbolTable]? = nil, width: Int = 4,
    local: String? = "localLogits", features: String = "features", classes: Int = 2
  ) -> BundleManifest {
    BundleManifest(
      scheme: "agilenn", dataset: "test", input: .init(width: width, height: 4),
      graphs: ["device": .init(file: "device.tflite"), "remote": .init(file: "remote.onnx")],
      paths: [
        .init(
          device: "device", remote: "remote", tensors: [features: "features"],
          exits: .init(local: local, remote: "logits"))
      ],
      symbols: tables.map { .init(tables: $0) }, alpha: 0.25,
      labels: (0..<classes).map { "\($0)" })
  }

  private static func model(
    shape: [Int] = [1, 4, 4, 3], scale: Float = 1.0 / 255, zeroPoint: Int = -128
  ) -> TFLiteModel {
    var graph = GraphBuilder()
    let input = graph.tensor(shape, scale: scale, zeroPoint: zeroPoint, name: "image")
    let filter = graph.weights([4, 2, 2, 3])
    let features = graph.tensor([1, 2, 2, 4], name: "features")
    graph.apply(
      .conv2D, [input, filter], [features],
      .convolution(ConvolutionOptions(padding: .valid, strideHeight: 2, strideWidth: 2)))
    let logits = graph.tensor([1, 2], scale: 0.125, zeroPoint: 4, name: "localLogits")
    graph.apply(
      .fullyConnected, [features, graph.weights([2, 16])], [logits],
      .fullyConnected(FullyConnectedOptions()))
    return graph.model(inputs: [input], outputs: [logits, features])
  }

  private static func compile(
    _ model: TFLiteModel, _ manifest: BundleManifest, camera: (Int, Int) = (4, 4)
  ) throws(CompileError) -> CompiledPlan {
    try PlanCompiler.compile(
      model, manifest: manifest, digest: (0..<32).map { UInt8($0) }, path: manifest.paths[0],
      camera: camera)
  }

  @Test func `Roles, tables, alpha and digest are in the image`() throws {
    let compiled = try Self.compile(Self.model(), Self.manifest(tables: Self.tables))
    #expect(compiled.operators.map(\.name) == ["CAMERA", "CONV_2D", "FULLY_CONNECTED"])
    #expect(compiled.operators.map(\.graphIndex) == [nil, 0, 1])
    #expect(compiled.inputs.map(\.name) == ["camera"])
    #expect(compiled.inputs.map(\.type) == ["uint8"])
    #expect(compiled.outputs.map(\.name) == ["localLogits", "features"])
    try compiled.image.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.alpha == 0.25)
      #expect(plan.bundleDigest.elementsEqual(0..<32))
      #expect(plan.inputIndex(role: .camera) == 0)
      #expect(plan.outputIndex(role: .localLogits) == 0)
      #expect(plan.outputIndex(role: .features) == 1)
      #expect(plan.outputIndex(role: .camera) == nil)
      #expect((0..<3).map { plan.input(0).dimension($0) } == [4, 4, 3])
      #expect(plan.output(0).scale == 0.125)
      #expect(plan.output(0).zeroPoint == 4)
      let symbols = try #require(plan.symbolTable)
      #expect(symbols.channels == 4)
      #expect(symbols.alphabetSize == 3)
      for (channel, table) in Self.tables.enumerated() {
        let stored = UnsafeBufferPointer(start: symbols.symbolOf(channel: channel), count: 256)
        #expect(stored.elementsEqual(table.symbolOf))
      }
    }
  }

  @Test func `A bundle's folder, read and compiled`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Fixtures/bundles/tiny")
    let bundle = try ModelBundle(directory: folder)
    let compiled = try #require(try PlanCompiler.compile(bundle: bundle, camera: (32, 32)))
    try compiled.image.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.bundleDigest.elementsEqual(bundle.digest))
      #expect(plan.alpha == bundle.manifest.alpha)
      #expect(plan.outputIndex(role: .localLogits) != nil)
      #expect(plan.outputIndex(role: .features) != nil)
    }
    #expect(throws: CompileError.self) {
      try PlanCompiler.compile(bundle: bundle, camera: (33, 32))
    }
    #expect(throws: CompileError.invalidBundle(reason: "it has no path 9")) {
      try PlanCompiler.compile(bundle: bundle, path: 9, camera: (32, 32))
    }
  }

  @Test func `A path without a device graph has no plan`() throws {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("plan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let tiny = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Fixtures/bundles/tiny")
    try FileManager.default.copyItem(
      at: tiny.appendingPathComponent("remote.onnx"),
      to: folder.appendingPathComponent("remote.onnx"))
    let manifest = """
      {"format": 1, "input": {"width": 4, "height": 4}, "graphs": {"remote": "remote.onnx"},
       "labels": ["a", "b"]}
      """
    try manifest.write(
      to: folder.appendingPathComponent("bundle.json"), atomically: true, encoding: .utf8)
    let bundle = try ModelBundle(directory: folder)
    #expect(try PlanCompiler.compile(bundle: bundle, camera: (4, 4)) == nil)
  }

  @Test func `One table serves every channel`() throws {
    let compiled = try Self.compile(Self.model(), Self.manifest(tables: [Self.tables[1]]))
    try compiled.image.withUnsafeBytes { bytes in
      let symbols = try #require(try Plan(image: bytes).symbolTable)
      #expect(symbols.channels == 1)
      #expect(symbols.symbolOf(channel: 3) == symbols.symbolOf(channel: 0))
    }
  }

  @Test func `Without symbols the plan has none`() throws {
    let compiled = try Self.compile(Self.model(), Self.manifest())
    try compiled.image.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.symbolTable == nil)
    }
  }

  @Test func `Alpha needs both exits`() throws {
    let compiled = try Self.compile(Self.model(), Self.manifest(local: nil))
    try compiled.image.withUnsafeBytes { bytes in
      let plan = try Plan(image: bytes)
      #expect(plan.alpha == nil)
    }
  }

  @Test func `What does not fit is one clear error`() {
    let cases: [(TFLiteModel, BundleManifest, (Int, Int), String)] = [
      (Self.model(), Self.manifest(), (5, 4), "an image of 5x4 pixels is not 4x4"),
      (Self.model(), Self.manifest(), (0, 4), "a camera image of 0x4 pixels"),
      (Self.model(), Self.manifest(), (4, 5000), "a camera image of 4x5000 pixels"),
      (Self.model(), Self.manifest(width: 5), (5, 4), "not int8 [1, 4, 5, 3]"),
      (Self.model(scale: 0.5), Self.manifest(), (4, 4), "the scale 1/255"),
      (Self.model(zeroPoint: 0), Self.manifest(), (4, 4), "the zero point -128"),
      (Self.model(), Self.manifest(local: "logits"), (4, 4), "no output 'logits'"),
      (Self.model(), Self.manifest(features: "maps"), (4, 4), "no output 'maps' to send"),
      (
        Self.model(), Self.manifest(features: "localLogits"), (4, 4), "both sent and the local exit"
      ),
      (
        Self.model(), Self.manifest(local: nil, features: "localLogits"), (4, 4), "[1, 2], not int8"
      ),
      (Self.model(), Self.manifest(classes: 3), (4, 4), "not int8 [1, 3]"),
      (
        Self.model(), Self.manifest(tables: Array(Self.tables[..<3])), (4, 4),
        "3 symbol tables for 4 feature channels"
      ),
    ]
    for (model, manifest, camera, reason) in cases {
      do {
        _ = try Self.compile(model, manifest, camera: camera)
        Issue.record("no error: \(reason)")
      } catch {
        #expect("\(error)".contains(reason), "\(error)")
        #expect(error.exitStatus == 65)
      }
    }
  }
}
