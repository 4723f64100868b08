import BundleFormat
import Foundation

/// All trials of a search, in a file that a later run goes on from: a line of JSON for each.
struct SearchTrace {
  /// The first line: what the trials were found for.
  private struct Heading: Codable, Equatable {
    let configuration: String
  }

  private let url: URL
  private(set) var trials: [Trial]

  private static let longestFile = 256 << 20

  /// Opens a trace, or begins one. What there is of a generation that was cut off is dropped.
  ///
  /// - Throws: ``SearchError``.
  init(_ url: URL, for configuration: SearchConfiguration) throws(SearchError) {
    self.url = url
    trials = []
    let heading = Heading(configuration: configuration.text)
    guard FileManager.default.fileExists(atPath: url.path) else {
      try rewrite(heading)
      return
    }
    let content: Data
    do {
      content = try BoundedFile.read(url.path, limit: Self.longestFile)
    } catch {
      throw .unusableTrace(url.path, reason: "cannot be read")
    }
    // The last line may have been cut off by whatever ended the run.
    let lines = content.split(separator: UInt8(ascii: "\n"))
    let decoder = JSONDecoder()
    guard let first = lines.first, (try? decoder.decode(Heading.self, from: first)) == heading
    else { throw .unusableTrace(url.path, reason: "is of another search: name another folder") }
    for line in lines.dropFirst() {
      guard let trial = try? decoder.decode(Trial.self, from: line) else { break }
      trials.append(trial)
    }
    let size = configuration.population
    let whole = trials.indices.prefix { trials[$0].generation == $0 / size }.count / size * size
    trials.removeSubrange(whole...)
    try rewrite(heading)
  }

  /// Writes down the trials of a generation.
  mutating func append(_ generation: [Trial]) throws(SearchError) {
    trials += generation
    do {
      let file = try FileHandle(forWritingTo: url)
      defer { try? file.close() }
      try file.seekToEnd()
      try file.write(contentsOf: Self.lines(generation))
    } catch {
      throw .unwritable(url.path)
    }
  }

  private func rewrite(_ heading: Heading) throws(SearchError) {
    do {
      var content = try Self.encoder.encode(heading)
      content.append(UInt8(ascii: "\n"))
      content += try Self.lines(trials)
      try content.write(to: url, options: .atomic)
    } catch {
      throw .unwritable(url.path)
    }
  }

  private static func lines(_ trials: [Trial]) throws -> Data {
    var content = Data()
    for trial in trials {
      content += try encoder.encode(trial)
      content.append(UInt8(ascii: "\n"))
    }
    return content
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return encoder
  }
}
