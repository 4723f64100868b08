import MCUIntrinsics
import SeededRandom
import Testing

/// Whatever form the inner loops take on this machine, they are sums of products.
@Suite struct IntrinsicsTests {
  private struct Operands {
    let x: [Int8]
    let weights: [Int8]
    let offset: Int32

    init(count: Int, rows: Int, random: inout SplitMix64) {
      x = (0..<count).map { _ in Self.value(&random) }
      weights = (0..<(rows * count)).map { _ in Self.value(&random) }
      offset = Int32.random(in: -127...128, using: &random)
    }

    /// Extremes are frequent, so that a sum of 16-bit products overflows if it can.
    private static func value(_ random: inout SplitMix64) -> Int8 {
      [-128, 127, Int8.random(in: -128...127, using: &random)].randomElement(using: &random) ?? 0
    }

    func sum(row: Int) -> Int32 {
      x.indices.reduce(0) {
        $0 + (Int32(x[$1]) + offset) * Int32(weights[row * x.count + $1])
      }
    }
  }

  @Test func `Dot products of every length up to 70`() {
    var random = SplitMix64(seed: 2)
    for count in 0...70 {
      for _ in 0..<8 {
        let operands = Operands(count: count, rows: 4, random: &random)
        let single = mcu_total(
          mcu_dot1(mcu_zero1(), operands.x, operands.offset, operands.weights, count))
        #expect(single == operands.sum(row: 0))
        let sums = mcu_dot4(
          mcu_zero4(), operands.x, operands.offset, operands.weights, count, count)
        #expect(
          [sums.first, sums.second, sums.third, sums.fourth].map { mcu_total($0) }
            == (0..<4).map { operands.sum(row: $0) })
      }
    }
  }

  @Test func `Sums go on where they were`() {
    var random = SplitMix64(seed: 3)
    let operands = Operands(count: 53, rows: 4, random: &random)
    for cut in 0...53 {
      let sums = operands.x.withUnsafeBufferPointer { x in
        operands.weights.withUnsafeBufferPointer { weights in
          guard let x = x.baseAddress, let weights = weights.baseAddress else { return mcu_zero4() }
          let first = mcu_dot4(mcu_zero4(), x, operands.offset, weights, 53, cut)
          return mcu_dot4(first, x + cut, operands.offset, weights + cut, 53, 53 - cut)
        }
      }
      #expect(mcu_total(sums.second) == operands.sum(row: 1))
    }
  }

  @Test func `Eight channels of a depthwise window`() {
    var random = SplitMix64(seed: 4)
    for taps in 0...9 {
      let operands = (0..<taps).map { _ in Operands(count: 8, rows: 1, random: &random) }
      var sums = mcu_zero8()
      for tap in operands { sums = mcu_multiply8(sums, tap.x, tap.offset, tap.weights) }
      // A scale of one, and sums small enough to be told apart after a clamp to int8.
      let channels = (0..<8).map { channel in
        mcu_channel(bias: Int32(channel) - 4, multiplier: 1 << 30, shift: -7)
      }
      var output = [Int8](repeating: 0, count: 8)
      mcu_finish8(sums, channels, 3, -100, 100, &output)
      for channel in 0..<8 {
        let sum = operands.reduce(Int32(0)) {
          $0 + (Int32($1.x[channel]) + $1.offset) * Int32($1.weights[channel])
        }
        let scaled = mcu_requantise(sum + channels[channel].bias, 1 << 30, -7)
        #expect(Int32(output[channel]) == min(max(scaled + 3, -100), 100))
      }
    }
  }
}
