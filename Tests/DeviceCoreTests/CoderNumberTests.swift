import FeatureCoding
import MCUKernels
import Testing

/// The plan's modules and the coders' do not know each other, so both have the coders' numbers.
@Suite struct CoderNumberTests {
  @Test func coderNumbersAreThePlans() {
    for number in UInt8.min...UInt8.max {
      let coder = PlanCoder(rawValue: number)
      let isOfValues = coder.map { !$0.isPicture } ?? false
      #expect(
        Coder(rawValue: number).map { "\($0)" } == (isOfValues ? coder.map { "\($0)" } : nil))
    }
  }
}
