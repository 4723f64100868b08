import SeededRandom
import TFLite
import Testing

@testable import PlanCompiler

/// How far an output must start below an input that it may run into.
@Suite struct RowLeadTests {
  /// Whether writing rows in order, `lead` bytes below the input, leaves each row of the input alone
  /// until the last window that sees it is done.
  private func isSafe(
    lead: Int, input: (rows: Int, bytes: Int), output: (rows: Int, bytes: Int), kernel: Int,
    stride: Int, before: Int
  ) -> Bool {
    for written in 0..<output.rows {
      let covered = (written * output.bytes - lead)..<((written + 1) * output.bytes - lead)
      for row in written..<output.rows {
        for tap in 0..<kernel {
          let seen = row * stride - before + tap
          guard (0..<input.rows).contains(seen) else { continue }
          if covered.overlaps((seen * input.bytes)..<((seen + 1) * input.bytes)) { return false }
        }
      }
    }
    return true
  }

  @Test func `The least with which nothing is overwritten too early`() {
    var random = SplitMix64(seed: 9)
    for _ in 0..<500 {
      let input = (
        rows: Int.random(in: 1...12, using: &random),
        bytes: Int.random(in: 1...40, using: &random)
      )
      let kernel = Int.random(in: 1...5, using: &random)
      let stride = Int.random(in: 1...3, using: &random)
      guard
        let vertical = Window.positions(
          input: input.rows, kernel: kernel, stride: stride, dilation: 1,
          padding: Bool.random(using: &random) ? .same : .valid)
      else { continue }
      let output = (rows: vertical.count, bytes: Int.random(in: 1...40, using: &random))
      let lead = Window.rowLead(
        input: input, output: output, stride: stride, before: vertical.before)
      func isSafe(_ lead: Int) -> Bool {
        self.isSafe(
          lead: lead, input: input, output: output, kernel: kernel, stride: stride,
          before: vertical.before)
      }
      #expect(isSafe(lead), "\(input) \(output) \(kernel) \(stride)")
      // A stride beyond the kernel leaves rows that nobody sees.
      #expect(
        lead == 0 || stride > kernel || !isSafe(lead - 1), "\(input) \(output) \(kernel) \(stride)")
    }
  }

  /// A 3x3 convolution of stride 1 that keeps the shape takes two rows more than its input.
  @Test func `Two rows for a window of three`() throws {
    var graph = GraphBuilder()
    let (input, output) = (graph.tensor([1, 20, 8, 16]), graph.tensor([1, 20, 8, 16]))
    graph.apply(
      .averagePool2D, [input], [output],
      .pool(
        PoolOptions(
          padding: .same, strideHeight: 1, strideWidth: 1, filterHeight: 3, filterWidth: 3)))
    let compiled = try PlanCompiler.compile(graph.model(inputs: [input], outputs: [output]))
    #expect(compiled.tensorPeak == (20 + 2) * 8 * 16)
    #expect(compiled.arenaLowerBound == compiled.tensorPeak)
  }
}
