import BundleFormat
import Foundation
import OffloadWire

/// A small AgileNN bundle on disk, removed with the last reference: features [2,2,2], an alphabet of
/// four symbols that stand for 0, 1, 2 and 3 times `step`, coded by LZW, and three labels.
final class TestBundle: Sendable {
  static let symbolCount = 8
  static let alphabetSize = 4
  static let labels = ["a", "b", "c"]

  /// What stands for the symbol at an index of the image if it did not come.
  static func missing(_ index: Int) -> Float { index < symbolCount / 2 ? 0.5 : -2 }

  let bundle: ModelBundle
  let step: Float
  private let folder: URL

  /// - Parameters:
  ///   - step: what one symbol more is worth; also makes bundles different.
  ///   - json: changes the manifest before it is written.
  init(_ name: String = "tiny", step: Float = 1, json change: (inout String) -> Void = { _ in })
    throws
  {
    self.step = step
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-server-\(UUID().uuidString)")
    let directory = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    // As much of each format as a bundle looks at; the networks of these tests are fakes.
    try Data([0, 0, 0, 0] + "TFL3".utf8).write(
      to: directory.appendingPathComponent("device.tflite"))
    for file in ["remote.onnx", "second.onnx"] {
      try Data([0x3A, 0x02, 0x12, 0x00]).write(to: directory.appendingPathComponent(file))
    }
    var text = Self.manifest(step: step)
    change(&text)
    try Data(text.utf8).write(to: directory.appendingPathComponent("bundle.json"))
    bundle = try ModelBundle(directory: directory)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  var digest: BundleDigest {
    get throws {
      guard let digest = BundleDigest(bundle.digest) else { throw Missing() }
      return digest
    }
  }

  struct Missing: Error {}

  private static func manifest(step: Float) -> String {
    let symbolOf = (0..<256).map { "\($0 / 64)" }.joined(separator: ",")
    let valueOf = (0..<4).map { "\(Float($0) * step)" }.joined(separator: ",")
    return """
      {"format": 2, "scheme": "agilenn", "dataset": "test",
       "input": {"width": 4, "height": 4},
       "graphs": {"device": "device.tflite", "remote": "remote.onnx"},
       "paths": [{"device": "device", "sends": [{
         "tensor": "features", "to": "features", "missing": [0.5, -2],
         "symbols": [{"symbolOf": [\(symbolOf)], "valueOf": [\(valueOf)]}]}],
         "remote": "remote"}],
       "labels": ["a", "b", "c"]}
      """
  }
}
