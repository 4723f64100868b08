import FirmwareBench
import Foundation
import Oracle
import PlanCompiler
import TFLite
import Testing

/// Every operator on the chip equals TensorFlow Lite Micro's, to the bit.
@Suite(
  .enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped),
  .enabled(if: Oracle.folder != nil, Comment(rawValue: Oracle.skipped)))
struct OracleOnChipTests {
  /// Inferences of each model: a long one has fewer, for it takes its time.
  private func count(of oracleCase: OracleCase, macs: Int) -> Int {
    min(oracleCase.count, max(1, 4_000_000 / max(macs, 1)))
  }

  /// Each inference's inputs and outputs, one after another.
  private func vectors(
    of oracleCase: OracleCase, in oracle: Oracle
  ) throws -> [(input: [UInt8], output: [UInt8])] {
    let all = try oracle.bytes(of: oracleCase.vectors)
    let inputs = oracleCase.inputBytes.reduce(0, +)
    let record = oracleCase.recordBytes
    return stride(from: 0, to: oracleCase.count * record, by: record).map { start in
      (
        Array(all[start..<(start + inputs)]), Array(all[(start + inputs)..<(start + record)])
      )
    }
  }

  @Test func everyModelOfTheOracle() throws {
    let bench = try FirmwareUnderTest.bench.get()
    let oracle = try Oracle(folder: #require(Oracle.folder))
    #expect(oracle.cases.count >= 500)
    var jobs: [BenchJob] = []
    var expected: [[[UInt8]]] = []
    var sizes: [(plan: Int, arena: Int)] = []
    for oracleCase in oracle.cases {
      let model = try FirmwareModel(
        TFLiteModel(bytes: oracle.bytes(of: oracleCase.model)), name: oracleCase.model)
      let vectors = try vectors(of: oracleCase, in: oracle)
        .prefix(count(of: oracleCase, macs: model.plan.macs))
      jobs.append(
        model.job(inputs: vectors.map(\.input), stepwise: jobs.count % 2 == 0))
      expected.append(vectors.map(\.output))
      sizes.append((model.plan.image.count, model.plan.arenaSize))
    }
    let figures = try FirmwareFigures(of: bench, stackUsed: 0)
    let results = try bench.run(jobs).results
    for (index, result) in results.enumerated() {
      let name = oracle.cases[index].testDescription
      let size = sizes[index]
      // Others' models ($AGILENN_MODELS) may be too large for the chip; then it says so.
      if size.plan > (1 << 20) - figures.code - 1024 {
        #expect(result.status == .planLargerThanFlash, "\(name)")
        continue
      }
      if size.arena > 327_680 - result.poolOffset {
        #expect(result.status == .poolTooSmall, "\(name)")
        continue
      }
      #expect(result.status == .ok, "\(name)")
      #expect(result.outputs == expected[index], "\(name)")
      #expect(result.strayWords == 0, "\(name)")
    }
  }
}
