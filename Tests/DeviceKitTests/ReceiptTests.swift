import Foundation
import Report
import Testing

@testable import Schemes

@Suite struct ReceiptTests {
  static func receipt() -> Receipt {
    var stages = Receipt.Stages()
    stages.local = 3120
    stages.compress = 410
    stages.uplink = 1630
    stages.queue = 90
    stages.decode = 35
    stages.run = 840
    stages.downlink = 60
    stages.combine = 8
    var bytes = Receipt.Bytes()
    bytes.payload = 1160
    bytes.up = 1184
    bytes.down = 72
    var energy = Receipt.Energy()
    energy.compute = 1290
    energy.radio = 720
    return Receipt(
      index: 17, label: 3, prediction: .init(combined: 3, local: 5, remote: 3), complete: true,
      source: .combined, stages: stages, bytes: bytes, energy: energy, sramPeak: 61440,
      flash: 24576)
  }

  /// The line of the contract, to the byte.
  @Test func line() {
    #expect(
      Self.receipt().json.text == """
        {"index":17,"label":3,"prediction":{"combined":3,"local":5,"remote":3},\
        "complete":true,"source":"combined",\
        "stagesMicroseconds":{"local":3120,"compress":410,"uplink":1630,"queue":90,"decode":35,\
        "run":840,"downlink":60,"combine":8},\
        "totalMicroseconds":6193,"bytes":{"payload":1160,"up":1184,"down":72},\
        "energyMicrojoules":{"compute":1290,"radio":720,"total":2010},\
        "sramPeak":61440,"flash":24576}
        """)
  }

  @Test func whatIsAbsentIsNull() {
    var receipt = Self.receipt()
    receipt.label = nil
    receipt.prediction = .init(local: 5)
    receipt.source = .local
    let text = receipt.json.text
    #expect(text.contains(#""label":null,"#))
    #expect(text.contains(#""prediction":{"combined":null,"local":5,"remote":null}"#))
    #expect(text.contains(#""source":"local""#))
  }

  @Test func answerFollowsTheSource() {
    var receipt = Self.receipt()
    receipt.prediction = .init(combined: 1, local: 2, remote: 3)
    let answers = Receipt.Source.allCases.map { source in
      receipt.source = source
      return receipt.answer
    }
    #expect(answers == [1, 1, 2, 3])
  }

  @Test func summary() throws {
    var summary = ReceiptSummary()
    #expect(summary.mean(.total) == 0)
    var first = Self.receipt()
    first.label = 3
    summary.add(first)
    var second = first
    second.label = 5
    second.stages.local = 3125
    summary.add(second)
    var third = first
    third.label = nil
    third.source = .local
    third.prediction = .init(local: 5)
    summary.add(third)
    #expect(summary.images == 3)
    #expect(summary.combined.accuracy == 50)
    #expect(summary.local.accuracy == 50)
    #expect(summary.remote.accuracy == 50)
    #expect(summary.answered.judged == 2)
    #expect(summary.count(of: .combined) == 2)
    #expect(summary.count(of: .local) == 1)
    #expect(abs(summary.mean(.local) - (3120 + 3125 + 3120) / 3) < 1)

    let text = summary.json(imagesPerSecond: 250).text
    let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let mean = try #require(parsed?["mean"] as? [String: Any])
    #expect(parsed?["images"] as? Int == 3)
    #expect((parsed?["accuracy"] as? [String: Any])?["remote"] as? Double == 50)
    #expect((mean["bytes"] as? [String: Any])?["payload"] as? Double == 1160)
    #expect(mean["sramPeak"] as? Double == 61440)
    #expect(parsed?["imagesPerSecond"] as? Double == 250)
  }

  @Test func accuracyOfNothingIsNull() {
    #expect(
      ReceiptSummary().json(imagesPerSecond: 0).text.contains(
        #""accuracy":{"combined":null,"local":null,"remote":null}"#))
  }

  /// Every JSON text that the writer can make is read back by Foundation as what it was.
  @Test func stringsAndNumbersSurvive() throws {
    let scalars = (0..<0x250).compactMap(Unicode.Scalar.init).map(Character.init)
    let text = String(scalars) + "\u{1F600}\u{2028}"
    let numbers: [Double] = [
      0, -1, 0.1, 1e300, .leastNonzeroMagnitude, 0.003921568859368563, 123_456_789,
    ]
    let value = JSONValue.object([
      .init(text, .array(numbers.map(JSONValue.number))), .init("t", .bool(true)),
      .init("s", .string(text)), .init("n", .number(.infinity)), .init("i", .integer(.min)),
    ])
    let parsed =
      try JSONSerialization.jsonObject(with: Data(value.text.utf8)) as? [String: Any]
    #expect((parsed?[text] as? [Double])?.count == numbers.count)
    for number in numbers { #expect(Double(JSONValue.number(number).text) == number) }
    #expect(parsed?["s"] as? String == text)
    #expect(parsed?["n"] is NSNull)
    #expect(parsed?["i"] as? Int == .min)
  }
}
