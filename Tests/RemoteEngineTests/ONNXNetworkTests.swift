import Foundation
import RemoteEngine
import Testing

@Suite(.enabled(if: Fixture.runtime != nil, Comment(rawValue: Fixture.skipped)))
struct ONNXNetworkTests {
  @Test func tensorsAreDescribed() throws {
    let network = try Fixture.network("affine.onnx")
    #expect(
      network.inputs == [
        TensorDescription(name: "features", shape: [-1, 2, 2, 2], element: .float32)
      ])
    #expect(
      network.outputs == [TensorDescription(name: "logits", shape: [-1, 3], element: .float32)])
    #expect(try Fixture.network("integers.onnx").inputs.map(\.element) == [.other(7)])
    #expect(try Fixture.network("fixed.onnx").inputs.map(\.shape) == [[1, 2]])
    #expect(try Fixture.engine().version.hasPrefix("1."))
  }

  @Test(arguments: [1, 2, 3, 8, 33])
  func everyBatchEqualsItsItemsAlone(batch: Int) throws {
    let network = try Fixture.network("affine.onnx")
    let items = (0..<batch).map { Fixture.item($0) }
    let all = try network.run(
      ["features": items.flatMap { $0 }], batch: batch, outputs: ["logits"])
    #expect(all == ["logits": items.flatMap { Fixture.affine($0) }])
  }

  @Test func tensorsGoByNameNotByPosition() throws {
    let network = try Fixture.network("pair.onnx")
    let inputs: [String: [Float]] = ["right": [1, 2], "left": [10, 20]]
    #expect(
      try network.run(inputs, batch: 1, outputs: ["difference", "sum"])
        == ["difference": [9, 18], "sum": [11, 22]])
    #expect(try network.run(inputs, batch: 1, outputs: ["sum"]) == ["sum": [11, 22]])
  }

  @Test func theNetworkOutlivesItsEngine() throws {
    var engine: ONNXRuntime? = try ONNXRuntime()
    let network = try #require(try engine?.load(modelAt: Fixture.url("fixed.onnx")))
    engine = nil
    #expect(
      try network.run(["values": [3, 4]], batch: 1, outputs: ["doubled"]) == ["doubled": [6, 8]])
  }

  @Test func whatDoesNotMatchTheNetworkIsRefused() throws {
    let affine = try Fixture.network("affine.onnx")
    let fixed = try Fixture.network("fixed.onnx")
    let integers = try Fixture.network("integers.onnx")
    let item = [Float](repeating: 1, count: 8)
    func refusal(
      _ network: any RemoteNetwork, _ inputs: [String: [Float]], _ batch: Int, _ outputs: [String]
    ) throws -> String? {
      do {
        _ = try network.run(inputs, batch: batch, outputs: outputs)
        return nil
      } catch let error as RemoteEngineError {
        #expect(error.exitStatus == 65)
        return error.description
      }
    }
    let cases: [(any RemoteNetwork, [String: [Float]], Int, [String], String)] = [
      (affine, ["features": item], 0, ["logits"], "a batch of 0 items"),
      (affine, ["features": item], -1, ["logits"], "a batch of -1 items"),
      (affine, ["features": item], .max, ["logits"], "8 values for a batch of \(Int.max)"),
      (affine, ["features": item], 2, ["logits"], "8 values for a batch of 2"),
      (affine, ["features": Array(item.dropLast())], 1, ["logits"], "7 values"),
      (affine, ["features": []], 1, ["logits"], "0 values"),
      (affine, [:], 1, ["logits"], "input 'features' has no values"),
      (affine, ["Features": item], 1, ["logits"], "no input 'Features'"),
      (affine, ["features": item, "more": item], 1, ["logits"], "no input 'more'"),
      (affine, ["features": item], 1, ["local"], "no output 'local'"),
      (affine, ["features": item], 1, [], "no output is asked for"),
      (fixed, ["values": [1, 2, 3, 4]], 2, ["doubled"], "no batch of 2"),
      (integers, ["values": [1, 2]], 1, ["same"], "int64"),
    ]
    for (network, inputs, batch, outputs, text) in cases {
      let message = try refusal(network, inputs, batch, outputs)
      #expect(message?.contains(text) == true, "\(message ?? "accepted"), expected \(text)")
    }
    // The network is as good as before.
    #expect(
      try affine.run(["features": item], batch: 1, outputs: ["logits"])
        == ["logits": Fixture.affine(item)])
  }

  @Test func manyThreadsRunOneNetwork() async throws {
    let network = try Fixture.network("affine.onnx")
    let right = try await withThrowingTaskGroup(of: Bool.self) { group in
      for worker in 0..<8 {
        group.addTask {
          try (0..<50).allSatisfy { step in
            let item = Fixture.item(worker * 50 + step)
            return try network.run(["features": item], batch: 1, outputs: ["logits"])
              == ["logits": Fixture.affine(item)]
          }
        }
      }
      return try await group.reduce(true) { $0 && $1 }
    }
    #expect(right)
  }
}
