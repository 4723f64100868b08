import Foundation
import RemoteEngine
import Testing

/// Nothing leaks: neither runs, nor failed runs, nor loading, nor failing to load.
///
/// Other suites run in the same process and grow it too. A leak grows it in every window of rounds,
/// they do not; so the smallest growth of several windows counts.
@Suite(.serialized, .enabled(if: Fixture.runtime != nil, Comment(rawValue: Fixture.skipped)))
struct ResidentMemoryTests {
  private func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let fields = text.split(separator: " ")
    let pages = try #require(fields.count > 1 ? Int(fields[1]) : nil)
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private func smallestGrowth(
    rounds: Int, below limit: Int, _ round: () throws -> Void
  ) throws -> Int {
    var smallest = Int.max
    for _ in 0..<6 where smallest >= limit {
      let before = try residentBytes()
      for _ in 0..<rounds { try round() }
      smallest = min(smallest, try residentBytes() - before)
    }
    return smallest
  }

  @Test func runsDoNotGrowTheProcess() throws {
    let network = try Fixture.network("affine.onnx")
    let batch = 256
    let values = [Float](repeating: 0.5, count: 8 * batch)  // 8 KiB in, 3 KiB out
    let limit = 2 << 20  // a leaked output a round would be 3 MiB
    let grown = try smallestGrowth(rounds: 1_000, below: limit) {
      _ = try network.run(["features": values], batch: batch, outputs: ["logits"])
      _ = try? network.run(["features": values], batch: batch - 1, outputs: ["logits"])
    }
    #expect(grown < limit)
  }

  @Test func loadingDoesNotGrowTheProcess() throws {
    let engine = try Fixture.engine()
    let good = try Fixture.url("affine.onnx")
    let bad = try Fixture.url("make_fixtures.py")
    let limit = 2 << 20  // a leaked session is 50 KiB or more
    let grown = try smallestGrowth(rounds: 150, below: limit) {
      _ = try engine.load(modelAt: good)
      _ = try? engine.load(modelAt: bad)
    }
    #expect(grown < limit)
  }
}
