package import Foundation

/// What scripts/oracle/generate.py wrote: models, inputs and TensorFlow Lite Micro's outputs.
package struct Oracle: Sendable {
  package static let skipped =
    "$AGILENN_ORACLE is not set: scripts/test makes the folder with scripts/oracle/generate.py"

  /// The folder that the environment names, if it names one.
  package static let folder = ProcessInfo.processInfo.environment["AGILENN_ORACLE"]
    .map { URL(fileURLWithPath: $0, isDirectory: true) }

  /// The folder's index; nil where the environment names no folder or it cannot be read.
  package static let shared: Oracle? = folder.flatMap { try? Oracle(folder: $0) }

  package let folder: URL
  package let cases: [OracleCase]

  package init(folder: URL) throws {
    struct Index: Decodable { let cases: [OracleCase] }
    let contents = try Data(contentsOf: folder.appendingPathComponent("index.json"))
    self.folder = folder
    cases = try JSONDecoder().decode(Index.self, from: contents).cases
  }

  package func bytes(of file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
  }

  /// The cases by operator, in the index's order of operators.
  package static var groups: [OracleGroup] {
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
package struct OracleCase: Decodable, Sendable {
  package let operatorName: String
  package let description: String
  package let model: String
  package let vectors: String
  /// Records in `vectors`: each the inputs' bytes, then the outputs', in the subgraph's order.
  package let count: Int
  package let inputBytes: [Int]
  package let outputBytes: [Int]
  /// Bytes of TensorFlow Lite Micro's arena that its memory plan takes.
  package let nonPersistentArenaBytes: Int

  enum CodingKeys: String, CodingKey {
    case operatorName = "operator"
    case description, model, vectors, count, inputBytes, outputBytes, nonPersistentArenaBytes
  }

  package var recordBytes: Int { (inputBytes + outputBytes).reduce(0, +) }

  /// Whether others made it: such models are there or not.
  package var isGiven: Bool { operatorName == "GIVEN" }

  /// What a test's report calls it.
  package var testDescription: String { "\(model): \(description)" }
}

/// All models of one operator. `NETWORK` stands for little networks of ours, `GIVEN` for files that
/// others made.
package struct OracleGroup: Sendable {
  package let name: String
  package var cases: [OracleCase]

  package var inputCount: Int { cases.reduce(0) { $0 + $1.count } }
  package var testDescription: String { "\(name), \(cases.count) models, \(inputCount) inputs" }
}
