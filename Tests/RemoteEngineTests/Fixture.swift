import Foundation

@testable import RemoteEngine

/// The library for this suite, where there is one: the suites that need it skip without it.
enum Fixture {
  static let runtime: ONNXRuntime? = try? ONNXRuntime()
  static let skipped =
    "no ONNX Runtime library: run scripts/setup, or set AGILENN_ONNXRUNTIME"

  struct NotThere: Error {}

  static func engine() throws -> ONNXRuntime {
    guard let runtime else { throw NotThere() }
    return runtime
  }

  static func url(_ name: String) throws -> URL {
    guard let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
      throw NotThere()
    }
    return folder.appendingPathComponent(name)
  }

  static func network(_ name: String) throws -> any RemoteNetwork {
    try engine().load(modelAt: url(name))
  }

  /// Eight small integers that tell one item from another.
  static func item(_ number: Int) -> [Float] {
    (0..<8).map { (index: Int) -> Float in Float((number * 7 + index * 5) % 23 - 11) }
  }

  /// affine.onnx on one item, worked out independently; exact in float32 for small integers.
  static func affine(_ features: [Float]) -> [Float] {
    let bias: [Float] = [0, 0.5, -1]
    return (0..<3).map { row in
      zip(features, 1...).reduce(bias[row]) { sum, term in
        sum + term.0 * Float(term.1) * Float(row + 1) / 8
      }
    }
  }

  /// A folder of one test's own, removed afterwards.
  static func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-engine-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
