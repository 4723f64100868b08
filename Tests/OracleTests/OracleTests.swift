import MCUIntrinsics
import MCUKernels
import Oracle
import PlanCompiler
import TFLite
import Testing

@Suite(
  "Every operator equals TensorFlow Lite Micro to the bit", .serialized,
  .enabled(if: Oracle.folder != nil, Comment(rawValue: Oracle.skipped)))
struct OracleTests {
  @Test(arguments: Oracle.groups)
  func `Outputs are equal`(group: OracleGroup) throws {
    let oracle = try #require(Oracle.shared)
    for oracleCase in group.cases {
      do {
        if let difference = try difference(oracleCase, in: oracle) {
          Issue.record("\(oracleCase.testDescription): \(difference)")
        }
      } catch {
        Issue.record("\(oracleCase.testDescription): \(error)")
      }
    }
  }

  /// The same in plain C, where this machine has a form of its own for the inner loops.
  @Test(arguments: Oracle.groups)
  func `Outputs are equal in plain C`(group: OracleGroup) throws {
    mcu_use_portable(true)
    defer { mcu_use_portable(false) }
    try `Outputs are equal`(group: group)
  }

  @Test func `The folder holds every operator with 200 inputs at least`() throws {
    let folder = try #require(Oracle.folder)
    _ = try Oracle(folder: folder)
    let operators = [
      "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "MUL", "AVERAGE_POOL_2D",
      "MAX_POOL_2D", "MEAN", "PAD", "RESHAPE", "TRANSPOSE", "SOFTMAX", "LOGISTIC", "STRIDED_SLICE",
      "SPLIT", "SPLIT_V", "CONCATENATION", "QUANTIZE", "DEQUANTIZE", "RESIZE_NEAREST_NEIGHBOR",
      "NETWORK",
    ]
    #expect(Set(Oracle.groups.map(\.name)).isSuperset(of: operators))
    for group in Oracle.groups {
      #expect(group.inputCount >= 200, "\(group.name)")
    }
  }

  /// The first difference between a model's outputs and the oracle's, in words.
  private func difference(_ oracleCase: OracleCase, in oracle: Oracle) throws -> String? {
    let vectors = try oracle.bytes(of: oracleCase.vectors)
    guard vectors.count == oracleCase.count * oracleCase.recordBytes else {
      return "\(oracleCase.vectors) has \(vectors.count) bytes"
    }
    let model = try TFLiteModel(bytes: oracle.bytes(of: oracleCase.model))
    let runner = PlanRunner(try PlanCompiler.compile(model))
    for number in 0..<oracleCase.count {
      var position = number * oracleCase.recordBytes
      func take(_ sizes: [Int]) -> [ArraySlice<UInt8>] {
        sizes.map { size in
          defer { position += size }
          return vectors[position..<(position + size)]
        }
      }
      let inputs = take(oracleCase.inputBytes)
      let expected = take(oracleCase.outputBytes)
      let actual = try runner.run(
        inputs, filler: number % 3 == 0 ? 0x80 : UInt8(truncatingIfNeeded: number * 37),
        stepwise: number % 2 == 1)
      if let difference = Comparison.firstDifference(of: actual, from: expected) {
        return "input \(number), \(difference)"
      }
    }
    return nil
  }
}

enum Comparison {
  /// Where outputs differ from the expected ones, in words; nil where they are equal.
  static func firstDifference(of actual: [[UInt8]], from expected: [ArraySlice<UInt8>]) -> String? {
    guard actual.count == expected.count else {
      return "\(actual.count) outputs instead of \(expected.count)"
    }
    for (index, (actual, expected)) in zip(actual, expected).enumerated() {
      guard actual.count == expected.count else {
        return "output \(index): \(actual.count) bytes instead of \(expected.count)"
      }
      let places = zip(actual, expected).enumerated().filter { $1.0 != $1.1 }
      if let first = places.first {
        let (was, should) = first.element
        return "output \(index): \(places.count) of \(actual.count) bytes differ, first at "
          + "\(first.offset): \(Int8(bitPattern: was)) instead of \(Int8(bitPattern: should))"
      }
    }
    return nil
  }
}

@Suite("The comparison notices every difference")
struct ComparisonTests {
  @Test func `One byte among many`() {
    let expected: [[UInt8]] = [[1, 2, 3], [4, 5]]
    #expect(Comparison.firstDifference(of: expected, from: expected.map { $0[...] }) == nil)
    for output in expected.indices {
      for byte in expected[output].indices {
        var actual = expected
        actual[output][byte] ^= 0x80
        #expect(Comparison.firstDifference(of: actual, from: expected.map { $0[...] }) != nil)
      }
    }
    #expect(Comparison.firstDifference(of: [[1, 2, 3]], from: expected.map { $0[...] }) != nil)
    #expect(
      Comparison.firstDifference(of: [[1, 2], [4, 5]], from: expected.map { $0[...] }) != nil)
  }
}
