import FeatureCoding
import MCUKernels
import Testing

/// The plan's modules and the coders' do not know each other, so both have the coders' numbers.
@Suite struct CoderNumberTests {
  @Test func coderNumbersAreThePlans() {
    for number in UInt8.min...UInt8.max {
      #expect(
        Coder(rawValue: number).map { "\($0)" } == PlanCoder(rawValue: number).map { "\($0)" })
    }
  }
}
