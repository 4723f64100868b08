import Foundation
import SeededRandom
import Testing

@testable import LabKit

@Suite struct ExitSampleTests {
  /// Labels that are drawn from the softmax of the logits at some temperature: this is the temperature.
  @Test(arguments: [0.25, 1, 3.5])
  func findsTheTemperatureThatLabelsWereDrawnAt(_ temperature: Double) {
    var random = SplitMix64(seed: 7)
    let scale: Float = 0.1
    let samples = (0..<20_000).map { _ in
      let logits = (0..<10).map { _ in Int8.random(in: -40...40, using: &random) }
      let weights = logits.map { exp(Double($0) * Double(scale) / temperature) }
      var point = Double.random(in: 0..<weights.reduce(0, +), using: &random)
      let label = weights.firstIndex { weight in
        point -= weight
        return point < 0
      }
      return ExitSample(logits: logits, label: label ?? 9)
    }
    let found = Double(ExitSample.temperature(of: samples, scale: scale))
    #expect(abs(found / temperature - 1) < 0.04, "\(found)")
  }

  @Test func theFirstOfSeveralGreatestLogitsIsTheAnswer() {
    #expect(ExitSample(logits: [-3, 5, 5], label: 1).isRight)
    #expect(!ExitSample(logits: [-3, 5, 5], label: 2).isRight)
  }
}
