import Foundation

/// The models, inputs and answers that `scripts/oracle/generate.py` wrote.
struct OracleFolder {
  struct Case: Decodable {
    let operatorName: String
    let description: String
    let model: String
    let vectors: String
    let count: Int
    let inputBytes: [Int]
    let outputBytes: [Int]

    enum CodingKeys: String, CodingKey {
      case operatorName = "operator"
      case description, model, vectors, count, inputBytes, outputBytes
    }

    /// Whether others made it: such models are there or not.
    var isGiven: Bool { operatorName == "GIVEN" }
    var testDescription: String { "\(model): \(description)" }
  }

  /// The folder that the environment names, if it names one.
  static let url = ProcessInfo.processInfo.environment["AGILENN_ORACLE"]
    .map { URL(fileURLWithPath: $0, isDirectory: true) }

  private let folder: URL
  let cases: [Case]

  init(_ folder: URL) throws {
    struct Index: Decodable { let cases: [Case] }
    let contents = try Data(contentsOf: folder.appendingPathComponent("index.json"))
    self.folder = folder
    cases = try JSONDecoder().decode(Index.self, from: contents).cases
  }

  func bytes(of file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
  }

  /// Each inference's inputs and outputs, one after another.
  func vectors(of oracleCase: Case) throws -> [(input: [UInt8], output: [UInt8])] {
    let all = try bytes(of: oracleCase.vectors)
    let inputs = oracleCase.inputBytes.reduce(0, +)
    let record = inputs + oracleCase.outputBytes.reduce(0, +)
    return stride(from: 0, to: oracleCase.count * record, by: record).map { start in
      (
        Array(all[start..<(start + inputs)]), Array(all[(start + inputs)..<(start + record)])
      )
    }
  }
}
