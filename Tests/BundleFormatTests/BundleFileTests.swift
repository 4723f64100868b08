import Foundation
import Testing

@testable import BundleFormat

@Suite struct BundleFileTests {
  @Test func whatIsMissingIsStatus66() throws {
    let directory = try BundleDirectory(nil)
    try expect(directory, 66, "/bundle.json: there is no such file")
    let nowhere = directory.url.appending(path: "nowhere")
    let error = #expect(throws: BundleError.self) { try ModelBundle(directory: nowhere) }
    #expect(error.map { "\($0)" } == "\(nowhere.path): there is no such folder")
    #expect(error?.exitStatus == 66)
    let file = directory.url.appending(path: "device.tflite")
    let other = #expect(throws: BundleError.self) { try ModelBundle(directory: file) }
    #expect(other.map { "\($0)" } == "\(file.path): is not a folder")
    #expect(other?.exitStatus == 66)

    let whole = try BundleDirectory()
    try FileManager.default.removeItem(at: whole.url.appending(path: "remote.onnx"))
    try expect(whole, 66, "/remote.onnx: graphs.remote: there is no such file")
    try whole.link("remote.onnx", to: "gone.onnx")
    try expect(whole, 66, "/remote.onnx: graphs.remote: there is no such file")
  }

  @Test(arguments: [
    "/etc/passwd", "../remote.onnx", "a/../../x", "..", "./..", "a/..", "//etc/passwd",
  ])
  func aPathThatLeavesTheFolderIsRefused(path: String) throws {
    let directory = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "remote", "file"], to: .string(path)))
    try expect(
      directory, 65, "/bundle.json: graphs.remote.file: '\(path)' leaves the bundle's folder")
  }

  @Test func aLinkThatLeavesTheFolderIsRefused() throws {
    let outside = try BundleDirectory()
    let directory = try BundleDirectory()
    let line = "/remote.onnx: graphs.remote: is a link that leaves the bundle's folder"
    try directory.link("remote.onnx", to: outside.url.appending(path: "remote.onnx").path)
    try expect(directory, 65, line)
    try directory.link("remote.onnx", to: "../\(outside.url.lastPathComponent)/remote.onnx")
    try expect(directory, 65, line)
    // A folder whose name begins with this one's is outside too.
    let sibling = URL(filePath: directory.url.path + "-sibling")
    try FileManager.default.createDirectory(at: sibling, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: sibling) }
    try Data(BundleDirectory.remote).write(to: sibling.appending(path: "remote.onnx"))
    try directory.link("remote.onnx", to: sibling.appending(path: "remote.onnx").path)
    try expect(directory, 65, line)

    let linked = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "remote", "file"], to: "sub/remote.onnx"))
    try linked.link("sub", to: outside.url.path)
    try expect(linked, 65, "/sub/remote.onnx: graphs.remote: is a link that leaves")
    try linked.link("bundle.json", to: outside.url.appending(path: "bundle.json").path)
    try expect(linked, 65, "/bundle.json: is a link that leaves the bundle's folder")
  }

  @Test func aLinkInsideTheFolderIsFollowed() throws {
    let directory = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "remote", "file"], to: "sub/net.onnx"))
    try directory.write(BundleDirectory.remote, to: "files/net.onnx")
    try directory.link("sub", to: "files")
    #expect(try directory.open().warnings == [])
  }

  @Test func theFolderItselfMayBeALink() throws {
    let directory = try BundleDirectory()
    let link = URL(filePath: directory.url.path + "-link")
    defer { try? FileManager.default.removeItem(at: link) }
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: directory.url)
    #expect(try ModelBundle(directory: link).directory == link)
  }

  @Test func whatIsNoFileIsRefused() throws {
    let directory = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "remote", "file"], to: "sub"))
    try directory.write([0], to: "sub/x")
    try expect(directory, 65, "/sub: graphs.remote: is not a file")
    let pipe = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "remote", "file"], to: "pipe"))
    #expect(mkfifo(pipe.url.appending(path: "pipe").path, 0o600) == 0)
    try expect(pipe, 65, "/pipe: graphs.remote: is not a file")
  }

  @Test func aFileThatIsTooLongIsRefused() throws {
    for (file, key, limit) in [
      ("bundle.json", "", 4 << 20), ("device.tflite", "graphs.device: ", 2 << 20),
      ("remote.onnx", "graphs.remote: ", 64 << 20),
      ("coder.bin", "paths[0].sends[0].coder.tables: ", 1 << 20),
    ] {
      let directory = try BundleDirectory()
      // Sparse: the length is there, the bytes are not.
      #expect(truncate(directory.url.appending(path: file).path, off_t(limit) + 1) == 0)
      try expect(directory, 65, "/\(file): \(key)is longer than \(limit) bytes")
    }
  }

  @Test func anotherDigestIsRefused() throws {
    let directory = try BundleDirectory()
    let changed = BundleDirectory.device + [1]
    try directory.write(changed, to: "device.tflite")
    try expect(
      directory, 65,
      "/device.tflite: graphs.device.sha256: is \(BundleDirectory.sha256(BundleDirectory.device)), "
        + "but the file's is \(BundleDirectory.sha256(changed))")
  }

  @Test func coderTablesAreCheckedAsGraphsAre() throws {
    let key = "/coder.bin: paths[0].sends[0].coder.tables"
    let directory = try BundleDirectory()
    try directory.write(BundleDirectory.tables + [0], to: "coder.bin")
    try expect(directory, 65, "\(key).sha256: is ")
    try FileManager.default.removeItem(at: directory.url.appending(path: "coder.bin"))
    try expect(directory, 66, "\(key): there is no such file")
    let outside = try BundleDirectory()
    try directory.link("coder.bin", to: outside.url.appending(path: "coder.bin").path)
    try expect(directory, 65, "\(key): is a link that leaves the bundle's folder")

    let unhashed = try BundleDirectory(
      BundleDirectory.manifest.setting(
        ["paths", 0, "sends", 0, "coder", "tables"], to: "coder.bin"))
    #expect(
      try unhashed.open().warnings == [
        "\(unhashed.url.path)/bundle.json: paths[0].sends[0].coder.tables.sha256: is missing; the "
          + "file's is \(BundleDirectory.sha256(BundleDirectory.tables))"
      ])
    try unhashed.write([], to: "coder.bin")
    try expect(unhashed, 65, "\(key): is empty")
  }

  @Test func digestsMayBeInCapitals() throws {
    let digest = BundleDirectory.sha256(BundleDirectory.device).uppercased()
    _ = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "device", "sha256"], to: .string(digest))
    ).open()
  }

  @Test func graphsOfAnotherKindAreRefused() throws {
    let device = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "device", "sha256"], to: nil))
    for bytes: [UInt8] in [[], [1, 2, 3, 4, 0x54, 0x46, 0x4C], BundleDirectory.remote] {
      try device.write(bytes, to: "device.tflite")
      try expect(device, 65, "/device.tflite: graphs.device: is not a TensorFlow Lite model")
    }
    let remote = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "remote", "sha256"], to: nil))
    for bytes: [UInt8] in [[], BundleDirectory.device, Array("<html>".utf8)] {
      try remote.write(bytes, to: "remote.onnx")
      try expect(remote, 65, "/remote.onnx: graphs.remote: is not an ONNX model")
    }
    let external = Protobuf.message(
      7, Protobuf.message(5, Protobuf.message(13, []) + Protobuf.varint(14, 1)))
    try remote.write(external, to: "remote.onnx")
    try expect(remote, 65, "/remote.onnx: graphs.remote: has external data; a bundle's ONNX model")
  }

  private func expect(
    _ directory: BundleDirectory, _ status: Int32, _ line: String,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let error = #expect(throws: BundleError.self, sourceLocation: location) {
      try directory.open()
    }
    let found = error.map { "\($0)" } ?? ""
    #expect(
      found.hasPrefix(directory.url.path + line), "\(found)", sourceLocation: location)
    #expect(error?.exitStatus == status, sourceLocation: location)
  }
}
