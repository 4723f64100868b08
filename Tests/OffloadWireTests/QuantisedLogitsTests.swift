import OffloadWire
import SeededRandom
import Testing

@Suite struct QuantisedLogitsTests {
  @Test func theLargestMagnitudeIs127() throws {
    let logits = try #require(QuantisedLogits([-31.75, 15.875, 15.625, 0, 0.1, 0.15]))
    #expect(logits.scale == 0.25)
    #expect(logits.values == [-127, 64, 62, 0, 0, 1])  // 63.5 and 62.5 go to the even
  }

  /// No value is farther from its logit than half a step, and the order of the classes stays.
  @Test func valuesAreTheNearest() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<500 {
      let floats = (0..<20).map { _ in Float.random(in: -30...30, using: &random) }
      let logits = try #require(QuantisedLogits(floats))
      for (float, value) in zip(floats, logits.values) {
        #expect(abs(float - logits.scale * Float(value)) <= logits.scale * 0.501)
      }
      #expect(logits.values.map { abs(Int($0)) }.max() == 127)
    }
  }

  @Test func zerosHaveScaleOne() throws {
    for floats: [Float] in [[0, 0], [.leastNonzeroMagnitude, 0], []] {
      let logits = try #require(QuantisedLogits(floats))
      #expect(logits.scale == 1)
      #expect(logits.values == floats.map { _ in 0 })
    }
    let largest = try #require(QuantisedLogits([.greatestFiniteMagnitude, -1]))
    #expect(largest.values == [127, 0])
  }

  @Test func whatIsNotFiniteHasNone() {
    for bad: Float in [.nan, .infinity, -.infinity] {
      #expect(QuantisedLogits([0, bad]) == nil)
    }
  }
}
