import Foundation
import Testing

@testable import RemoteEngine

/// What goes wrong before a network runs.
struct ONNXRuntimeTests {
  private func error(_ body: () throws -> Void) -> RemoteEngineError? {
    do {
      try body()
      return nil
    } catch {
      return error as? RemoteEngineError
    }
  }

  private func touch(_ url: URL) throws -> URL {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data().write(to: url)
    return url
  }

  @Test func theLibraryIsLookedForInOrder() throws {
    try Fixture.withTemporaryFolder { folder in
      func find(_ environment: [String: String], named: URL? = nil) throws -> String {
        var environment = environment
        environment["HOME"] = folder.path
        return try ONNXRuntimeLocator(environment: environment).locate(named: named).path
      }
      let packages = ".cache/agilenn/run/lib/python3.11/site-packages/onnxruntime/capi"
      #expect(error { _ = try find([:]) }?.exitStatus == 66)
      let old = try touch(folder.appendingPathComponent("\(packages)/libonnxruntime.so.1.9.0"))
      #expect(try find([:]) == old.path)
      let new = try touch(folder.appendingPathComponent("\(packages)/libonnxruntime.so.1.32.0"))
      _ = try touch(
        folder.appendingPathComponent("\(packages)/libonnxruntime_providers_shared.so"))
      #expect(try find([:]) == new.path)
      #expect(try find(["AGILENN_ONNXRUNTIME": "", "AGILENN_CACHE": ""]) == new.path)

      let elsewhere = folder.appendingPathComponent("elsewhere")
      let cached = try touch(
        elsewhere.appendingPathComponent(
          "run/lib/python3.9/site-packages/onnxruntime/capi/libonnxruntime.so.1.21.0"))
      #expect(try find(["AGILENN_CACHE": elsewhere.path]) == cached.path)
      #expect(try find(["AGILENN_ONNXRUNTIME": old.path]) == old.path)
      #expect(try find(["AGILENN_ONNXRUNTIME": "/nowhere"], named: cached) == cached.path)
      // A named library that is not there is not made up for.
      #expect(
        error { _ = try find(["AGILENN_ONNXRUNTIME": "/nowhere"]) }
          == .libraryNotFound("at /nowhere"))
      #expect(error { _ = try find([:], named: folder) } == .libraryNotFound("at \(folder.path)"))
    }
  }

  @Test func aMissingLibrarySaysHowToGetIt() throws {
    let failure = error { _ = try ONNXRuntime(library: URL(fileURLWithPath: "/no/lib.so")) }
    #expect(failure?.exitStatus == 66)
    #expect(
      failure?.description
        == "no ONNX Runtime library at /no/lib.so; run scripts/setup, or name the library with "
        + "--engine-library or $AGILENN_ONNXRUNTIME")
  }

  @Test func aFileThatIsNoLibraryIsRefused() throws {
    let failure = error { _ = try ONNXRuntime(library: Fixture.url("make_fixtures.py")) }
    #expect(failure?.exitStatus == 65)
    #expect(failure?.description.contains("make_fixtures.py: not a usable") == true)
  }

  @Test func anotherLibraryIsRefused() throws {
    // The C library that this process runs on is not ONNX Runtime's. A file in /proc has no size:
    // it is read to its end.
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps"))
    let maps = try file.readToEnd() ?? Data()
    let path = try #require(
      String(decoding: maps, as: UTF8.self).split(separator: "\n")
        .compactMap { $0.split(separator: " ").last.map(String.init) }
        .first { $0.contains("/libc.so") })
    let failure = error { _ = try ONNXRuntime(library: URL(fileURLWithPath: path)) }
    #expect(failure == .libraryUnusable(path: path, reason: "it has no OrtGetApiBase"))
  }

  @Test(.enabled(if: Fixture.runtime != nil, Comment(rawValue: Fixture.skipped)))
  func aMissingModelIsRefused() throws {
    let engine = try Fixture.engine()
    for path in ["/no/model.onnx", "/"] {
      let failure = error { _ = try engine.load(modelAt: URL(fileURLWithPath: path)) }
      #expect(failure == .modelNotFound(path))
      #expect(failure?.exitStatus == 66)
    }
  }

  @Test(.enabled(if: Fixture.runtime != nil, Comment(rawValue: Fixture.skipped)))
  func everyTruncationOfAModelIsRefused() throws {
    let engine = try Fixture.engine()
    let model = try Data(contentsOf: Fixture.url("affine.onnx"))
    try Fixture.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("model.onnx")
      for length in 0..<model.count {
        try model.prefix(length).write(to: file)
        let failure = error { _ = try engine.load(modelAt: file) }
        guard let failure else {
          Issue.record("\(length) bytes of \(model.count) were accepted")
          continue
        }
        #expect(failure.exitStatus == 65)
        let beginning = "\(file.path): not a model that ONNX Runtime can run"
        #expect(failure.description.hasPrefix(beginning))
        #expect(!failure.description.contains("\n"))
      }
    }
  }

  @Test func shapesMultiplyWithoutOverflow() {
    func items(_ shape: [Int]) -> Int? {
      TensorDescription(name: "t", shape: shape, element: .float32).elementsPerItem
    }
    #expect(items([-1, 19, 16, 16]) == 4_864)
    #expect(items([3]) == 1)
    #expect(items([]) == nil)
    #expect(items([-1, -1, 4]) == nil)
    #expect(items([-1, 1 << 32, 1 << 32]) == nil)
    #expect(items([-1, 0, 7]) == 0)
  }
}
