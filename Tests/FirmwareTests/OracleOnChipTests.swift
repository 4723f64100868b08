import FirmwareBench
import Foundation
import TFLite
import Testing

/// Every operator on the chip equals TensorFlow Lite Micro's, to the bit.
@Suite(
  .enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped),
  .enabled(
    if: OracleFolder.url != nil,
    "$AGILENN_ORACLE is not set: scripts/test makes the folder with scripts/oracle/generate.py"))
struct OracleOnChipTests {
  /// Inferences of each model: a long one has fewer, for it takes its time.
  private func count(of oracleCase: OracleFolder.Case, macs: Int) -> Int {
    min(oracleCase.count, max(1, 4_000_000 / max(macs, 1)))
  }

  @Test func everyModelOfTheOracle() throws {
    let bench = try FirmwareUnderTest.bench.get()
    let folder = try OracleFolder(#require(OracleFolder.url))
    #expect(folder.cases.count >= 500)
    var jobs: [BenchJob] = []
    var expected: [[[UInt8]]] = []
    var sizes: [(plan: Int, arena: Int)] = []
    for oracleCase in folder.cases {
      let model = try FirmwareModel(
        TFLiteModel(bytes: folder.bytes(of: oracleCase.model)), name: oracleCase.model)
      let vectors = try folder.vectors(of: oracleCase)
        .prefix(count(of: oracleCase, macs: model.plan.macs))
      jobs.append(
        model.job(inputs: vectors.map(\.input), stepwise: jobs.count % 2 == 0))
      expected.append(vectors.map(\.output))
      sizes.append((model.plan.image.count, model.plan.arenaSize))
    }
    let figures = try FirmwareFigures(of: bench, stackUsed: 0)
    let results = try bench.run(jobs).results
    for (index, result) in results.enumerated() {
      let name = folder.cases[index].testDescription
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
      #expect(result.inferences.map(\.outputs) == expected[index], "\(name)")
      #expect(result.strayWords == 0, "\(name)")
    }
  }
}
