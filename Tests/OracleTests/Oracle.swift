import Foundation
import Testing

/// What scripts/oracle/generate.py wrote: models, inputs and TensorFlow Lite Micro's outputs.
struct Oracle: Sendable {
  static let skipped: Comment =
    "$AGILENN_ORACLE is not set: scripts/test makes the folder with scripts/oracle/generate.py"

  /// The folder that the environment names, if it names one.
  static let folder = ProcessInfo.processInfo.environment["AGILENN_ORACLE"]
    .map { URL(fileURLWithPath: $0, isDirectory: true) }

  /// The folder's index; nil where the environment names no folder or it cannot be read.
  static let shared: Oracle? = folder.flatMap { try? Oracle(folder: $0) }

  let folder: URL
  let cases: [OracleCase]

  init(folder: URL) throws {
    struct Index: Decodable { let cases: [OracleCase] }
    let contents = try Data(contentsOf: folder.appendingPathComponent("index.json"))
    self.folder = folder
    cases = try JSONDecoder().decode(Index.self, from: contents).cases
  }

  func bytes(of file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
  }

  /// The cases by operator, in the index's order of operators.
  static var groups: [OracleGroup] {
    var groups: [OracleGroup] = []
    for oracleCase in shared?.cases ?? [] {
      if let index = groups.firstIndex(where: { $0.name == oracleCase.operatorName }) {
        groups[index].cases.append(oracleCase)
      } else {
        groups.append(OracleGroup(name: oracleCase.operatorName, cases: [oracleCase]))
      }
    }
    return groups
  }
}

/// One model with its inputs and outputs.
struct OracleCase: Decodable, Sendable {
  let operatorName: String
  let description: String
  let model: String
  let vectors: String
  /// Records in `vectors`: each the inputs' bytes, then the outputs', in the subgraph's order.
  let count: Int
  let inputBytes: [Int]
  let outputBytes: [Int]
  /// Bytes of TensorFlow Lite Micro's arena that its memory plan takes.
  let nonPersistentArenaBytes: Int

  enum CodingKeys: String, CodingKey {
    case operatorName = "operator"
    case description, model, vectors, count, inputBytes, outputBytes, nonPersistentArenaBytes
  }

  var recordBytes: Int { (inputBytes + outputBytes).reduce(0, +) }
}

extension OracleCase: CustomTestStringConvertible {
  var testDescription: String { "\(model): \(description)" }
}

/// All models of one operator. `NETWORK` stands for little networks of ours, `GIVEN` for files that
/// others made.
struct OracleGroup: Sendable, CustomTestStringConvertible {
  let name: String
  var cases: [OracleCase]

  var inputCount: Int { cases.reduce(0) { $0 + $1.count } }
  var testDescription: String { "\(name), \(cases.count) models, \(inputCount) inputs" }
}
