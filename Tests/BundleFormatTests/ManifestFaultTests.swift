import Foundation
import SeededRandom
import Testing

@testable import BundleFormat

@Suite struct ManifestFaultTests {
  /// What is done to a good manifest, and the beginning of the line that it gives.
  static let faults: [(path: [JSON.Step], value: JSON?, line: String)] =
    [
      (
        ["format"], 1,
        "format: is 1; this program reads format 2: 'agilenn-lab bundle update DIR' brings the bundle over"
      ),
      (["format"], 3, "format: is 3; this program reads format 2"),
      (["format"], "2", "format: is not an integer"),
      (["format"], nil, "format: is missing"),
      (
        ["symbol"], 1,
        "symbol: is not a key here; there are format, scheme, dataset, input, graphs,"
      ),
      (
        ["alpha"], 0.5,
        "alpha: is not a key here; there are format, scheme, dataset, input, graphs,"
      ),
      (
        ["scheme"], "magic",
        "scheme: is 'magic', none of agilenn, mcunet, edge-only, deepcod, spinn"
      ),
      (["scheme"], 7, "scheme: is not a string"),
      (["dataset"], "a\nb", "dataset: has a name with a control character"),
      (["labels", 0], "\u{1B}[31m", "labels[0]: has a name with a control character"),
      (["dataset"], "", "dataset: is empty"),
      (["input"], nil, "input: is missing"),
      (["input", "width"], nil, "input.width: is missing"),
      (["input", "width"], 0, "input.width: is 0, outside 1...4096"),
      (["input", "height"], 4097, "input.height: is 4097, outside 1...4096"),
      (["input", "height"], 1.5, "input.height: has a number that does not fit"),
      (["input", "resize"], "cubic", "input.resize: is 'cubic', none of none, nearest, bilinear"),
      (["input", "fit"], "crop", "input.fit: is 'crop', none of stretch, centre-crop"),
      (["input", "fits"], "stretch", "input.fits: is not a key here; there are width, height,"),
      (["graphs"], nil, "graphs: is missing"),
      (["graphs"], [], "graphs: is not an object"),
      (["graphs"], [:], "graphs: names no graph"),
      (["graphs", "device"], 5, "graphs.device: is not an object"),
      (["graphs", "device", "file"], nil, "graphs.device.file: is missing"),
      (
        ["graphs", "device", "sha"], "",
        "graphs.device.sha: is not a key here; there are file, sha256"
      ),
      (["graphs", "device", "sha256"], "12", "graphs.device.sha256: is not 64 hex digits"),
      (
        ["graphs", "device", "sha256"], .string(String(repeating: "g", count: 64)),
        "graphs.device.sha256: is not 64 hex digits"
      ),
      (["graphs", "device", "file"], "", "graphs.device.file: is not a file's path"),
      (["graphs", "device", "file"], "a\u{0}b", "graphs.device.file: is not a file's path"),
      (["paths"], [], "paths: is empty"),
      (["paths"], "all", "paths: is not a list"),
      (["paths", 0, "name"], "", "paths[0].name: is empty"),
      (
        ["paths", 1], BundleDirectory.path,
        "paths[1].name: 'offload' is an earlier path's name too"
      ),
      (["paths", 0, "device"], "phone", "paths[0].device: there is no graph 'phone'"),
      (["paths", 0, "remote"], "cloud", "paths[0].remote: there is no graph 'cloud'"),
      (["paths", 0], ["name": "x"], "paths[0]: has neither a device nor a remote graph"),
      (
        ["paths", 0, "remote"], "device", "paths: use the graph 'device' both on the device and on"
      ),
      (["labels"], nil, "labels: is missing"),
      (["labels"], [], "labels: is empty"),
      (
        ["labels"], .list(Array(repeating: "x", count: 65_536)),
        "labels: has 65536 names, more than 65535"
      ),
      (["labels", 1], "", "labels[1]: is empty"),
      (["labels", 1], 3, "labels[1]: is not a string"),
      (["trained", "seed"], "one", "trained.seed: is not an integer"),
      (["trained", "pretrained"], 5, "trained.pretrained: is not a string"),
      (["trained", "seed"], 1.5, "trained.seed: has a number that does not fit"),
    ] + ManifestPathFaults.all

  @Test(arguments: faults.indices)
  func eachFaultIsOneLineThatNamesFileAndKey(index: Int) throws {
    let fault = Self.faults[index]
    let directory = try BundleDirectory(
      BundleDirectory.manifest.setting(fault.path, to: fault.value))
    let error = #expect(throws: BundleError.self) { try directory.open() }
    let line = error.map { "\($0)" } ?? ""
    #expect(line.hasPrefix("\(directory.url.path)/bundle.json: \(fault.line)"), "\(line)")
    #expect(!line.contains { $0.isNewline })
    #expect(error?.exitStatus == 65)
  }

  @Test func aNameCannotBreakTheLine() throws {
    let directory = try BundleDirectory(
      BundleDirectory.manifest.setting(["paths", 0, "device"], to: "a\nb\u{1B}\u{2028}c"))
    let error = #expect(throws: BundleError.self) { try directory.open() }
    #expect(error.map { "\($0)" }?.hasSuffix("there is no graph 'a?b??c'") == true)
  }

  @Test func whatIsNotJSONIsRefusedAtEveryLength() throws {
    let directory = try BundleDirectory()
    let url = directory.url.appending(path: "bundle.json")
    let whole = try Data(contentsOf: url)
    for length in stride(from: 0, to: whole.count, by: 7) {
      try whole.prefix(length).write(to: url)
      let error = #expect(throws: BundleError.self) { try directory.open() }
      #expect(error.map { "\($0)" } == "\(url.path): is not JSON")
    }
  }

  @Test func hostileJSONIsRefused() throws {
    let directory = try BundleDirectory()
    for text in [
      String(repeating: "[", count: 100_000), "{\"format\": 1e999}", "{\"format\": null}", "[1]",
      "\u{FEFF}", "{\"format\":2,\"graphs\":\(String(repeating: "{\"a\":", count: 5000))",
    ] {
      try directory.write(Array(text.utf8), to: "bundle.json")
      let error = #expect(throws: BundleError.self) { try directory.open() }
      #expect(error?.exitStatus == 65)
    }
    try directory.write([0xFF, 0xFE, 0x00], to: "bundle.json")
    #expect(throws: BundleError.self) { try directory.open() }
  }

  /// Every byte of a good manifest changed: never a crash, and an error or a manifest.
  @Test func bitFlipsAreRefusedOrRead() throws {
    let json = try BundleDirectory.manifest
      .setting(
        ["paths", 0, "sends", 0, "symbols", 0, "symbolOf"],
        to: .list(Array(repeating: 0, count: 256))
      )
      .data
    var random = SplitMix64(seed: 1)
    var read = 0
    for _ in 0..<400 {
      var flipped = json
      let index = Int.random(in: 0..<json.count, using: &random)
      flipped[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      do {
        let decoded = try JSONDecoder().decode(BundleManifest.self, from: flipped)
        try decoded.check()
        read += 1
      } catch {
        let fault = error as? ManifestFault ?? ManifestFault(error)
        #expect(!fault.reason.isEmpty)
      }
    }
    #expect(read > 0)
  }
}
