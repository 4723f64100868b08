import Foundation

/// What a bundle must answer to ``Repository/pictures``, path by path: what LiteRT, ONNX Runtime and
/// numpy made of them (`Tests/Fixtures/scheme_answers.py`).
package struct OracleAnswers: Sendable {
  private let paths: [String: [Picture]]

  /// One picture on one path.
  package struct Picture: Decodable, Sendable {
    /// The path's exits on the device, in their order.
    package let exits: [Exit]
    /// What the device answers where there is a server, no deadline and no budget.
    package let answer: Answer
    /// SHA-256 of the remote graph's input: float32, little-endian; nil where nothing is sent.
    package let features: String?
    private let payloads: [Int]?
    private let remote, combined: String?

    /// The server's class when it has the first `count` symbols; nil where rounding decides.
    package func remote(symbols count: Int) -> Int? { Self.label(remote, count) }

    /// The class of both together; nil where rounding decides, or the path has no α.
    package func combined(symbols count: Int) -> Int? { Self.label(combined, count) }

    /// Bytes of the payload that codes the first `count` symbols.
    package func payload(symbols count: Int) -> Int { payloads?[count] ?? count }

    /// How many symbols the path has; 0 where nothing is sent.
    package var symbolCount: Int { (remote?.utf8.count ?? 1) - 1 }

    private static func label(_ labels: String?, _ count: Int) -> Int? {
      labels.flatMap { Array($0)[count].wholeNumberValue }
    }
  }

  package struct Exit: Decodable, Sendable {
    package let label: Int
    package let confidence: Double
  }

  package struct Answer: Decodable, Sendable {
    /// As a receipt names it.
    package let source: String
    package let label: Int
    /// Bytes of the payload, of all frames of the request, and of the answer's frame.
    package let payload, up, down: Int
  }

  package init(of bundle: FixtureBundle) throws {
    let file = Repository.fixtures.appendingPathComponent("answers/\(bundle.name).json")
    paths = try JSONDecoder().decode([String: [Picture]].self, from: Data(contentsOf: file))
  }

  /// The pictures of a path, in their order; none for a path that the bundle does not have.
  package func pictures(_ path: String) -> [Picture] { paths[path] ?? [] }
}
