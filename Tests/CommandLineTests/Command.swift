import Foundation
import TestBundles
import Testing

/// Runs the executables that were built beside the tests.
struct Command {
  let name: String
  var arguments: [String]
  /// Added to what the tests themselves were started with.
  var environment: [String: String] = [:]

  init(_ name: String, _ arguments: String..., environment: [String: String] = [:]) {
    self.name = name
    self.arguments = arguments
    self.environment = environment
  }

  /// How a command ended and what it said.
  struct Result {
    let status: Int32
    let output: String
    let errors: String

    var lines: [Substring] { output.split(separator: "\n") }
    var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  /// The folder of the executables: on Linux the test runner's own, elsewhere the test bundle's.
  static let products: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    return bundle.map { $0.bundleURL.deletingLastPathComponent() } ?? Bundle.main.bundleURL
  }()

  static let tiny = FixtureBundle.tiny.folder.path
  static let large = Repository.largeModel.path

  /// Whether the server has a library to run its networks on.
  static let hasEngine: Bool = {
    let environment = ProcessInfo.processInfo.environment
    if environment["AGILENN_ONNXRUNTIME"] != nil { return true }
    let home = environment["HOME"] ?? "/"
    let cache = environment["AGILENN_CACHE"] ?? home + "/.cache/agilenn"
    return FileManager.default.fileExists(atPath: cache + "/run/lib")
  }()

  /// A process that runs in the package's root, its output going to files.
  struct Started {
    let process: Process
    let folder: URL

    var errors: String {
      (try? String(contentsOf: folder.appendingPathComponent("stderr"), encoding: .utf8)) ?? ""
    }

    var output: String {
      (try? String(contentsOf: folder.appendingPathComponent("stdout"), encoding: .utf8)) ?? ""
    }

    /// Waits for the end, on a thread of its own: none of Swift's is held.
    func finish() async -> Result {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          process.waitUntilExit()
          continuation.resume()
        }
      }
      defer { try? FileManager.default.removeItem(at: folder) }
      return Result(status: process.terminationStatus, output: output, errors: errors)
    }
  }

  func start() throws -> Started {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = Self.products.appendingPathComponent(name)
    process.arguments = arguments
    process.currentDirectoryURL = Repository.root
    process.environment = ProcessInfo.processInfo.environment
      .merging(["COLUMNS": "80"]) { $1 }.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file("stdout", in: folder)
    process.standardError = try Self.file("stderr", in: folder)
    try process.run()
    return Started(process: process, folder: folder)
  }

  func run() async throws -> Result {
    try await start().finish()
  }

  private static func file(_ name: String, in folder: URL) throws -> FileHandle {
    let file = folder.appendingPathComponent(name)
    try Data().write(to: file)
    return try FileHandle(forWritingTo: file)
  }
}

/// Runs `body` with an empty folder, which is gone afterwards.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("agilenn-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}
