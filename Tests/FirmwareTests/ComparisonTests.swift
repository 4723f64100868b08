import FirmwareBench
import Testing

/// What the equality tests stand on can tell a difference.
@Suite struct ComparisonTests {
  @Test func everyPartCounts() {
    let one = BenchResult.Inference(outputs: [1, 2], symbols: [3], frame: [4, 5])
    #expect(one.difference(from: one) == nil)
    for other in [
      BenchResult.Inference(outputs: [1, 3], symbols: [3], frame: [4, 5]),
      BenchResult.Inference(outputs: [1], symbols: [3], frame: [4, 5]),
      BenchResult.Inference(outputs: [1, 2], symbols: [2], frame: [4, 5]),
      BenchResult.Inference(outputs: [1, 2], symbols: [3], frame: [4]),
    ] {
      #expect(one.difference(from: other) != nil)
    }
  }

  private func table(_ instructions: [Int]) -> CountTable? {
    CountTable(
      text: "# compiler: c\n"
        + instructions.enumerated().map { "a/b \($0)-ADD \($1)\n" }.joined())
  }

  @Test func aPartInAThousandIsNoticed() throws {
    let recorded = try #require(table([100_000, 5]))
    #expect(try #require(table([100_100, 5])).differences(from: recorded).isEmpty)
    #expect(try #require(table([99_900, 5])).differences(from: recorded).isEmpty)
    #expect(try #require(table([100_101, 5])).differences(from: recorded).count == 1)
    #expect(try #require(table([100_000, 6])).differences(from: recorded).count == 1)
    #expect(try #require(table([100_000])).differences(from: recorded).count == 1)
    #expect(try #require(table([100_000, 5, 1])).differences(from: recorded).count == 1)
    #expect(CountTable(text: "a 0-ADD 1\n") == nil)
    #expect(CountTable(text: "# compiler: c\na 0-ADD\n") == nil)
  }
}
