import MCUKernels
import Oracle
import PlanCompiler
import SeededRandom
import TFLite
import Testing

/// Files that are nearly right are the dangerous ones: bytes of good models are changed, and what
/// still reads and compiles is run, inside its arena.
@Suite(
  "Spoiled models are refused or run within their arena",
  .enabled(if: Oracle.folder != nil, Comment(rawValue: Oracle.skipped)))
struct SpoiledModelTests {
  @Test func `No change of a few bytes makes reading, compiling or running trap`() throws {
    let oracle = try #require(Oracle.shared)
    var random = SplitMix64(seed: 3)
    var runs = 0
    for oracleCase in oracle.cases where !oracleCase.isGiven {
      let original = try oracle.bytes(of: oracleCase.model)
      for _ in 0..<20 {
        let bytes = spoiled(original, using: &random)
        guard let model = try? TFLiteModel(bytes: bytes),
          let compiled = try? PlanCompiler.compile(model), isSmall(compiled)
        else { continue }
        let inputs = compiled.inputs.map { [UInt8](repeating: 0x5A, count: $0.byteCount)[...] }
        do {
          _ = try PlanRunner(compiled).run(inputs, filler: 0xFF, stepwise: false)
        } catch {
          Issue.record("\(oracleCase.testDescription), spoiled: \(error)")
        }
        runs += 1
      }
    }
    #expect(runs > 500)
  }

  private func spoiled(_ bytes: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let index = Int.random(in: 8..<bytes.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
      default: bytes[index] = bytes[Int.random(in: 0..<bytes.count, using: &random)]
      }
    }
    return bytes
  }

  /// A changed extent can make a model that is right and takes an hour.
  private func isSmall(_ compiled: CompiledPlan) -> Bool {
    let limit = 1_000_000
    return compiled.arenaSize < limit && compiled.macs < limit
      && compiled.operators.allSatisfy {
        $0.geometry.outputElements < limit / max(1, $0.geometry.kernelHeight)
          / max(1, $0.geometry.kernelWidth)
      }
  }
}
