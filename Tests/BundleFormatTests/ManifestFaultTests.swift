import Foundation
import SeededRandom
import Testing

@testable import BundleFormat

@Suite struct ManifestFaultTests {
  /// What is done to a good manifest, and the end of the line that it gives.
  static let faults: [(path: [JSON.Step], value: JSON?, line: String)] = [
    (["format"], 2, "format: is 2; this program reads format 1"),
    (["format"], "1", "format: is not an integer"),
    (["format"], nil, "format: is missing"),
    (["symbol"], 1, "symbol: is not a key here; there are format, scheme, dataset, input, graphs,"),
    (["scheme"], "", "scheme: is empty"),
    (["scheme"], "a\nb", "scheme: has a name with a control character"),
    (["labels", 0], "\u{1B}[31m", "labels[0]: has a name with a control character"),
    (["scheme"], 7, "scheme: is not a string"),
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
    (["paths", 0, "remote"], "device", "paths: use the graph 'device' both on the device and on"),
    (
      ["paths", 0, "tensors"], [:],
      "paths[0].tensors: has 0 entries; one tensor"
    ),
    (
      ["paths", 0, "tensors"], ["a": "b", "c": "d"], "paths[0].tensors: has 2 entries; one tensor"
    ),
    (["paths", 0, "tensors"], ["a": ""], "paths[0].tensors: has an empty name"),
    (["paths", 0, "tensors"], ["a": 1], "paths[0].tensors.a: is not a string"),
    (["paths", 0, "device"], nil, "paths[0].tensors: sends 'features'; without a device graph"),
    (["paths", 0, "remote"], nil, "paths[0].tensors: has no remote graph to go to"),
    (["paths", 0, "exits", "local"], "", "paths[0].exits.local: is empty"),
    (
      ["paths", 0, "exits", "remote"], nil, "paths[0].exits.remote: is missing, so that the remote"
    ),
    (
      ["paths", 0, "exits", "late"], "x", "paths[0].exits.late: is not a key here; there are local,"
    ),
    (
      ["paths", 0], ["device": "device", "exits": ["remote": "r"]],
      "paths[0].exits.remote: is 'r', but the path has no such graph"
    ),
    (
      ["paths", 0], ["device": "device", "exits": [:]],
      "paths[0].exits.local: is missing, so that the path has no answer"
    ),
    (["symbols", "tables"], [], "symbols.tables: is empty"),
    (["symbols", "tables"], nil, "symbols.tables: is missing"),
    (["symbols", "coder", "name"], "zip", "symbols.coder.name: is 'zip', none of lzw"),
    (["symbols", "coder", "level"], 9, "symbols.coder.level: is not a key here; there are name"),
    (["symbols", "table"], 9, "symbols.table: is not a key here; there are coder, tables"),
    (
      ["symbols", "tables", 0, "valueOf"], [],
      "symbols.tables[0].valueOf: has 0 entries, outside 1...256"
    ),
    (
      ["symbols", "tables", 0, "valueOf"], .list(Array(repeating: 1, count: 257)),
      "symbols.tables[0].valueOf: has 257 entries, outside 1...256"
    ),
    (["symbols", "tables", 0, "valueOf", 1], "x", "symbols.tables[0].valueOf[1]: is not a number"),
    (
      ["symbols", "tables", 0, "valueOf", 1], 1e39,
      "symbols.tables[0].valueOf: has a number that does not fit"
    ),
    (
      ["symbols", "tables", 0, "symbolOf", 255], nil,
      "symbols.tables[0].symbolOf: has 255 entries, not 256"
    ),
    (
      ["symbols", "tables", 0, "symbolOf", 256], 0,
      "symbols.tables[0].symbolOf: has 257 entries, not 256"
    ),
    (
      ["symbols", "tables", 0, "symbolOf", 9], 2,
      "symbols.tables[0].symbolOf[9]: is 2, but valueOf has 2 entries"
    ),
    (
      ["symbols", "tables", 0, "symbolOf", 9], 256,
      "symbols.tables[0].symbolOf: has a number that does not fit"
    ),
    (
      ["symbols", "tables", 0, "symbolOf", 9], -1,
      "symbols.tables[0].symbolOf: has a number that does not fit"
    ),
    (
      ["symbols", "tables", 1], ["symbolOf": [0], "valueOf": [0]],
      "symbols.tables[1].symbolOf: has 1"
    ),
    (["alpha"], 1.01, "alpha: is 1.01, outside 0...1"),
    (["alpha"], -0.01, "alpha: is -0.01, outside 0...1"),
    (["alpha"], "half", "alpha: is not a number"),
    (["paths", 0, "exits", "local"], nil, "alpha: is there, but no path has both a local and a"),
    (["labels"], nil, "labels: is missing"),
    (["labels"], [], "labels: is empty"),
    (
      ["labels"], .list(Array(repeating: "x", count: 65_536)),
      "labels: has 65536 names, more than 65535"
    ),
    (["labels", 1], "", "labels[1]: is empty"),
    (["labels", 1], 3, "labels[1]: is not a string"),
    (["trained", "seed"], "one", "trained.seed: is not an integer"),
    (["trained", "seed"], 1.5, "trained.seed: has a number that does not fit"),
  ]

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
      "\u{FEFF}", "{\"format\":1,\"graphs\":\(String(repeating: "{\"a\":", count: 5000))",
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
      .setting(["symbols", "tables", 0, "symbolOf"], to: .list(Array(repeating: 0, count: 256)))
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
