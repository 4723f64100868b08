import Foundation
import Testing

/// `scripts/datasets` has its tests in Python, beside it: no other language can stub its downloads.
@Suite("scripts/datasets")
struct DownloadScriptTests {
  @Test func `its own tests pass`() throws {
    let project = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = project
    process.arguments = ["python3", "-B", "-m", "unittest", "scripts/tests/test_datasets.py"]
    let output = Pipe()
    process.standardError = output
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let report = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(report)")
    #expect(report.contains("Ran 20 tests"), "\(report)")
  }
}
