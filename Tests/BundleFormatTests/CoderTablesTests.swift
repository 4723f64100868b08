import Foundation
import Testing

@testable import BundleFormat

/// Tables that training images gave, put into a bundle.
@Suite struct CoderTablesTests {
  private func files(_ directory: BundleDirectory) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.url.path).sorted()
  }

  @Test func theCoderAndItsTablesAreInTheBundle() throws {
    let directory = try BundleDirectory(BundleDirectory.formatOne)
    try FileManager.default.removeItem(at: directory.url.appending(path: "coder.bin"))
    _ = try ModelBundle.update(directory: directory.url)
    let before = try directory.open()
    let tables = (0..<100).map { UInt8($0) }
    try ModelBundle.setCoderTables(tables, ofPath: 0, directory: directory.url)
    let bundle = try directory.open()
    #expect(bundle.warnings == [])
    #expect(bundle.digest != before.digest)
    let send = try #require(bundle.manifest.paths[0].send)
    let digest = BundleDirectory.sha256(tables)
    let file = "coder-\(digest.prefix(8)).bin"
    #expect(send.coder == .init(name: .range, tables: .init(file: file, sha256: digest)))
    #expect(bundle.coderTables(of: send) == tables)
    #expect(try files(directory) == ["bundle.json", file, "device.tflite", "remote.onnx"])
    // All else is as it was.
    var expected = before.manifest
    expected.paths[0].sends[0].coder = send.coder
    #expect(bundle.manifest == expected)
    // And again: the same bytes.
    let text = try Data(contentsOf: directory.url.appending(path: "bundle.json"))
    try ModelBundle.setCoderTables(tables, ofPath: 0, directory: directory.url)
    #expect(try Data(contentsOf: directory.url.appending(path: "bundle.json")) == text)
  }

  @Test func theTablesBeforeAreRemoved() throws {
    let directory = try BundleDirectory()
    try ModelBundle.setCoderTables([1, 2], ofPath: 0, directory: directory.url)
    #expect(try files(directory).filter { $0.hasPrefix("coder") }.count == 1)
    try ModelBundle.setCoderTables([3, 4], ofPath: 0, directory: directory.url)
    let bundle = try directory.open()
    let send = try #require(bundle.manifest.paths[0].send)
    #expect(bundle.coderTables(of: send) == [3, 4])
    #expect(try files(directory).filter { $0.hasPrefix("coder") }.count == 1)
  }

  @Test func tablesThatAnotherPathHasStay() throws {
    let second = BundleDirectory.path.setting(["name"], to: "second")
    let directory = try BundleDirectory(
      BundleDirectory.manifest.setting(["paths", 1], to: second))
    try ModelBundle.setCoderTables([1, 2], ofPath: 1, directory: directory.url)
    let bundle = try directory.open()
    #expect(
      bundle.manifest.paths.map { $0.send.flatMap(bundle.coderTables) }
        == [BundleDirectory.tables, [1, 2]])
  }

  @Test func aGraphThatAManifestNamesAsTablesStays() throws {
    let tables: [JSON.Step] = ["paths", 0, "sends", 0, "coder", "tables"]
    for file in ["device.tflite", "./remote.onnx", "bundle.json"] {
      let directory = try BundleDirectory(
        BundleDirectory.manifest.setting(tables, to: .string(file)))
      try ModelBundle.setCoderTables([1, 2], ofPath: 0, directory: directory.url)
      _ = try directory.open()
    }
  }

  @Test func tablesOfNoBytesOrTooManyAreRefused() throws {
    let directory = try BundleDirectory()
    let names = try files(directory)
    for count in [0, (1 << 20) + 1] {
      let error = #expect(throws: BundleError.self) {
        try ModelBundle.setCoderTables(
          Array(repeating: 1, count: count), ofPath: 0, directory: directory.url)
      }
      #expect(
        error.map {
          "\($0)".hasSuffix(
            ": cannot have coder tables of \(count) bytes; 1 to 1048576 are allowed")
        }
          == true)
    }
    #expect(try files(directory) == names)
  }

  @Test func whatCannotHaveThemIsOneLineAndNothingIsWritten() throws {
    let short: JSON = [
      "format": 2, "input": ["width": 32, "height": 32], "labels": ["cat"],
      "graphs": ["device": "device.tflite", "remote": "remote.onnx"],
    ]
    let cases: [(manifest: JSON, path: Int, line: String)] = [
      (short, 0, "paths: does not write out the path 0, which is to get a coder"),
      (BundleDirectory.manifest, 1, "paths: does not write out the path 1"),
      (BundleDirectory.manifest, -1, "paths: does not write out the path -1"),
      (
        short.setting(["paths"], to: [["device": "device", "remote": "remote"]]), 0,
        "paths[0].sends: does not write out a tensor"
      ),
      (
        short.setting(
          ["paths"],
          to: [["device": "device", "remote": "remote", "sends": [["tensor": "features"]]]]), 0,
        "paths[0].sends[0].coder.name: is 'range', but without symbols"
      ),
      (BundleDirectory.formatOne, 0, "format: is 1; this program reads format 2"),
    ]
    for (manifest, path, line) in cases {
      let directory = try BundleDirectory(manifest)
      let url = directory.url.appending(path: "bundle.json")
      let (text, names) = (try Data(contentsOf: url), try files(directory))
      let error = #expect(throws: BundleError.self) {
        try ModelBundle.setCoderTables([1], ofPath: path, directory: directory.url)
      }
      #expect(error.map { "\($0)".hasPrefix("\(url.path): \(line)") } == true, "\(line)")
      #expect(error?.exitStatus == 65)
      #expect(try Data(contentsOf: url) == text)
      #expect(try files(directory) == names)
    }
  }
}
