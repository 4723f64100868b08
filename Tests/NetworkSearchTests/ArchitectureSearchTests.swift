import Board
import Foundation
import TestBundles
import Testing

@testable import NetworkSearch

@Suite(.serialized)
struct ArchitectureSearchTests {
  private static let text = """
    name: small
    camera: 16
    classes: 4
    bounds: {milliseconds: 2.5, sram: 60000, effectiveness: 1}
    space:
      sides: [16, 24]
      stem: {channels: [4, 8], strides: [1, 2]}
      stages:
        - {stride: 1, channels: [8, 12], depths: [1, 2], kernels: [3, 5], expansions: [1, 2]}
        - {stride: 2, channels: [12, 16], depths: [1, 2], kernels: [3], expansions: [2, 3]}
      heads: [0, 16]
    search: {population: 8, parents: 3, generations: 3, mutation: 0.3}
    """

  private static let config = ConfigStore(root: Repository.config)

  private static func configuration(
    _ text: String, _ folder: TemporaryFolder
  ) throws -> SearchConfiguration {
    let file = folder.url.appendingPathComponent("search.yaml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return try SearchConfiguration(path: file.path, config: config)
  }

  private static func run(
    _ text: String, in folder: TemporaryFolder, out: String = "out"
  ) throws -> (SearchResult, Int) {
    var search = try ArchitectureSearch(
      configuration(text, folder), config: config, folder: folder.url.appendingPathComponent(out))
    var steps = 0
    let result = try search.run { steps += 1 }
    return (result, steps)
  }

  @Test func whatIsFoundKeepsWithinTheBounds() throws {
    let folder = try TemporaryFolder()
    let (result, steps) = try Self.run(Self.text, in: folder)
    #expect(steps == 32 && result.trials == 32)
    #expect(result.front.allSatisfy { $0.cost.milliseconds <= 2.5 && $0.cost.sram <= 60_000 })
    for (one, next) in zip(result.front, result.front.dropFirst()) {
      #expect(one.cost.milliseconds < next.cost.milliseconds && one.score < next.score)
    }
    // Asked again, the emulator says the same.
    let again = try ArchitectureCost(
      of: result.best.architecture, classes: 4, camera: 16, on: ArchitectureTests.bench())
    #expect(again == result.best.cost)
    try result.write(to: folder.url)
    let names = ["best.yaml", "front.csv", "front.svg"]
    for name in names {
      let file = folder.url.appendingPathComponent(name)
      #expect(try !String(contentsOf: file, encoding: .utf8).isEmpty)
    }
  }

  /// A run that was cut off in the middle of a line of a generation ends as one that was not.
  @Test func aSearchThatWasCutOffGoesOn() throws {
    let folder = try TemporaryFolder()
    let whole = try Self.run(Self.text, in: folder).0
    let trace = folder.url.appendingPathComponent("out/trace.jsonl")
    let lines = try Data(contentsOf: trace)
    let kept = lines.split(separator: UInt8(ascii: "\n"))[..<14].joined(separator: [10])
    try Data(kept.dropLast(5)).write(to: trace)
    let (result, steps) = try Self.run(Self.text, in: folder)
    #expect(steps == 24)
    #expect(result.front == whole.front)
    #expect(try Data(contentsOf: trace) == lines)
    #expect(try Self.run(Self.text, in: folder).1 == 0)
  }

  @Test func anotherSearchsTraceIsRefused() throws {
    let folder = try TemporaryFolder()
    _ = try Self.run(Self.text, in: folder)
    let other = Self.text.replacingOccurrences(of: "sides: [16, 24]", with: "sides: [16]")
    #expect(throws: SearchError.self) { try Self.run(other, in: folder) }
  }

  @Test func boundsThatNothingKeepsAreSaid() throws {
    let folder = try TemporaryFolder()
    let tight = Self.text.replacingOccurrences(of: "milliseconds: 2.5", with: "milliseconds: 0.01")
    let error = #expect(throws: SearchError.self) { try Self.run(tight, in: folder) }
    #expect("\(try #require(error))".contains("no network of the space keeps within the bounds"))
  }

  /// Each is refused with its line, before anything is compiled.
  @Test(arguments: [
    ("sides: [16, 24]", "sides: []", "the list is empty"),
    ("sides: [16, 24]", "sides: [16, 16]", "stands twice"),
    ("kernels: [3]", "kernels: [4]", "is even"),
    ("stride: 2", "stride: 3", "not from 1 to 2"),
    ("milliseconds: 2.5", "milliseconds: -1", "not from"),
    ("sram: 60000", "sram: 400000", "not from"),
    ("classes: 4", "class: 4", "unknown key"),
    ("parents: 3", "parents: 9", "not from 1 to 8"),
  ])
  func badConfigurations(_ old: String, _ new: String, _ reason: String) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: ConfigError.self) {
      try Self.configuration(Self.text.replacingOccurrences(of: old, with: new), folder)
    }
    #expect("\(try #require(error))".contains(reason))
  }
}
