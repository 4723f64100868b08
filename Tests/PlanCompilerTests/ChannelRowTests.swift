import MCUKernels
import SeededRandom
import Testing

@testable import PlanCompiler

/// The quick form of a channel's row is given where it is right, and nowhere else.
@Suite struct ChannelRowTests {
  private func row(bias: Int32 = 0, _ multiplier: Int32, _ shift: Int32) -> ChannelRow {
    ChannelRow(bias: bias, scale: QuantisedScale(multiplier: multiplier, shift: shift))
  }

  /// What a quick row gives by its definition in docs/plan.md, in wide integers.
  private func value(_ row: [Int32], _ sum: Int) -> Int {
    let twice = 2 * sum + Int(row[0])
    let high = (twice * Int(row[1]) + 1 << 31) >> 32
    return (high + Int(row[3]) - (twice < 0 ? 1 : 0)) >> Int(row[2])
  }

  @Test func `Equal to the exact form over all reachable sums`() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let reach = Int.random(in: 1...3000, using: &random)
      let bias = Int32.random(in: -2000...2000, using: &random)
      let zeroPoint = Int.random(in: -128...127, using: &random)
      let channel = row(
        bias: bias, Int32.random(in: 1 << 30...Int32.max, using: &random),
        -Int32.random(in: 1...31, using: &random))
      let quick = channel.quick(reaching: -reach...reach, zeroPoint: zeroPoint)
      // Shifts above 22 are constants here, since no sum reaches far enough.
      let words = try #require(quick)
      for sum in -reach...reach {
        let exact = Int(channel.scale.apply(Int32(sum) + bias)) + zeroPoint
        #expect(value(words, sum) == exact)
      }
    }
  }

  @Test func `A left shift, no shift, or a sum that does not fit has none`() {
    #expect(row(1 << 30, 0).quick(reaching: -5...5, zeroPoint: 0) == nil)
    #expect(row(1 << 30, 3).quick(reaching: -5...5, zeroPoint: 0) == nil)
    #expect(row(1 << 30, -4).quick(reaching: 0...(1 << 30 - 1), zeroPoint: 0) != nil)
    #expect(row(1 << 30, -4).quick(reaching: 0...(1 << 30), zeroPoint: 0) == nil)
    #expect(row(bias: -3, 1 << 30, -4).quick(reaching: -(1 << 30 - 3)...0, zeroPoint: 0) == nil)
    #expect(row(1 << 30, -23).quick(reaching: 0...(1 << 29), zeroPoint: 0) == nil)
  }

  @Test func `A scale of zero is a constant`() throws {
    let words = try #require(row(0, 0).quick(reaching: -9...9, zeroPoint: -17))
    for sum in -9...9 { #expect(value(words, sum) == -17) }
  }

  @Test func `Reachable sums are those of the extreme inputs`() {
    let weights = [3, -5, 7, 0, 2, -1].map { UInt8(bitPattern: Int8($0)) }
    // Inputs less their zero point run from -118 to 137.
    let rows = ReachableSums(
      weights: weights, channelCount: 2, isInterleaved: false, weightsZeroPoint: 0,
      inputZeroPoint: -10)
    #expect(rows.ranges[0] == (3 * -118 - 5 * 137 + 7 * -118)...(3 * 137 + 5 * 118 + 7 * 137))
    #expect(rows.ranges[1] == (2 * -118 - 137)...(2 * 137 + 118))
    let columns = ReachableSums(
      weights: weights, channelCount: 2, isInterleaved: true, weightsZeroPoint: 0,
      inputZeroPoint: -10)
    #expect(columns.ranges[0] == (12 * -118)...(12 * 137))
    let shifted = ReachableSums(
      weights: [5, 5], channelCount: 1, isInterleaved: false, weightsZeroPoint: 6,
      inputZeroPoint: 127)
    #expect(shifted.ranges[0] == 0...(2 * 255))
  }

  @Test func `Scratch lies in the lowest gap that is wide enough`() {
    #expect(MemoryPlanner.lowestGap(of: 40, beside: []) == 0)
    #expect(MemoryPlanner.lowestGap(of: 40, beside: [48..<100, 0..<16]) == 112)
    #expect(MemoryPlanner.lowestGap(of: 32, beside: [48..<100, 0..<16]) == 16)
    #expect(MemoryPlanner.lowestGap(of: 33, beside: [0..<10, 48..<64, 64..<80]) == 80)
  }
}
