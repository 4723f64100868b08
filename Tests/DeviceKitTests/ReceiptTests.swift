import Foundation
import Report
import TestBundles
import Testing

@testable import DeviceKit

@Suite struct ReceiptTests {
  static func receipt() -> Receipt {
    var bytes = Receipt.Bytes()
    bytes.payload = 190
    bytes.up = 226
    bytes.down = 46
    var energy = Receipt.Energy()
    energy.compute = 590
    energy.radio = 310
    return Receipt(
      index: 17, label: 3, prediction: .init(combined: 3, local: 5, remote: 3), source: .combined,
      symbols: .init(sent: 1216, used: 1216, all: 1216),
      spans: [
        Span(.extract, .core, start: 0, end: 390), Span(.code, .core, start: 390, end: 640),
        Span(.uplink, .radio, start: 640, end: 920), Span(.local, .core, start: 640, end: 1800),
        Span(.run, .server, start: 920, end: 1820),
        Span(.downlink, .radio, start: 1820, end: 1940),
        Span(.combine, .core, start: 1940, end: 1950),
      ], totalMicroseconds: 1950, bytes: bytes, energy: energy, sramPeak: 30208, flash: 71424)
  }

  /// The line of docs/receipt.md, to the byte.
  @Test func line() throws {
    let page = try String(
      contentsOf: Repository.root.appendingPathComponent("docs/receipt.md"), encoding: .utf8)
    let example = try #require(page.split(separator: "```json\n").dropFirst().first)
      .prefix { $0 != "`" }
    let line = example.split(separator: "\n").map { $0.drop { $0 == " " } }.joined()
    #expect(Self.receipt().json.text == line)
  }

  /// What the answer waited for: the server's way here, because the local network was done before.
  @Test func criticalPath() {
    let receipt = Self.receipt()
    #expect(
      receipt.spans.criticalPath(total: 1950) == [
        .extract: 390, .code: 250, .uplink: 280, .run: 900, .downlink: 120, .combine: 10,
      ])
    var slow = receipt.spans
    slow[3].end = 1940
    slow[5].end = 1900
    #expect(
      slow.criticalPath(total: 1950) == [.extract: 390, .code: 250, .local: 1300, .combine: 10])
    #expect([Span]().criticalPath(total: 100).isEmpty)
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
    #expect(answers == [1, 1, 2, 3, nil])
  }

  @Test func summary() throws {
    var summary = ReceiptSummary()
    #expect(summary.mean(.total) == 0)
    var first = Self.receipt()
    first.label = 3
    summary.add(first)
    var second = first
    second.label = 5
    second.totalMicroseconds = 1955
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
    #expect(abs(summary.mean(.total) - 5855.0 / 3) < 1e-9)
    #expect(summary.mean(.local) == 1160 && summary.meanCritical(.local) == 0)
    #expect(summary.quantile(0.5) == 1950 && summary.quantile(0.99) == 1955)

    let text = summary.json(imagesPerSecond: 250, serverTime: .pinned(microseconds: 900)).text
    let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let mean = try #require(parsed?["mean"] as? [String: Any])
    #expect(parsed?["images"] as? Int == 3)
    #expect((parsed?["accuracy"] as? [String: Any])?["remote"] as? Double == 50)
    #expect((parsed?["sources"] as? [String: Any])?["combined"] as? Int == 2)
    let byStage = try #require(parsed?["byStage"] as? [String: [String: Double]])
    #expect(byStage["run"]?["mean"] == 900)
    #expect(byStage["local"]?["criticalShare"] == 0)
    #expect((mean["bytes"] as? [String: Any])?["payload"] as? Double == 190)
    #expect(mean["sramPeak"] as? Double == 30208)
    #expect(parsed?["serverMicroseconds"] as? Int == 900)
    #expect(parsed?["imagesPerSecond"] as? Double == 250)
    #expect(
      summary.json(imagesPerSecond: 1, serverTime: .measured).text
        .contains(#""serverMicroseconds":null"#))
  }

  @Test func accuracyOfNothingIsNull() {
    #expect(
      ReceiptSummary().json(imagesPerSecond: 0, serverTime: .measured).text.contains(
        #""accuracy":{"combined":null,"local":null,"remote":null,"answered":null}"#))
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
