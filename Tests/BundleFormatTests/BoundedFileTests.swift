import BundleFormat
import Foundation
import Testing

@Suite("Files that may be anything")
struct BoundedFileTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-bounded-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func contentUpToTheLimit() throws {
    try withFolder { folder in
      let path = folder.appendingPathComponent("file").path
      for count in 0...4 {
        try Data(repeating: 7, count: count).write(to: URL(fileURLWithPath: path))
        if count <= 3 {
          #expect(try BoundedFile.read(path, limit: 3) == Data(repeating: 7, count: count))
        } else {
          #expect(throws: BoundedFile.Failure.tooLong) { try BoundedFile.read(path, limit: 3) }
        }
      }
    }
  }

  /// Opening a pipe that nobody writes to waits for ever, unless one takes care.
  @Test(.timeLimit(.minutes(1))) func nothingThatBlocksOrNeverEnds() throws {
    try withFolder { folder in
      let pipe = folder.appendingPathComponent("pipe").path
      try #require(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, folder.path, "/dev/zero"] {
        #expect(throws: BoundedFile.Failure.notAFile) { try BoundedFile.read(path, limit: 3) }
      }
      for path in [folder.appendingPathComponent("none").path, "/dev/null/none"] {
        #expect(throws: BoundedFile.Failure.missing) { try BoundedFile.read(path, limit: 3) }
      }
    }
  }
}
