import Foundation
import Testing

@testable import BundleFormat

/// Bundles of format 1, brought over.
@Suite struct BundleUpdateTests {
  private func updated(_ manifest: JSON) throws -> ModelBundle {
    let directory = try BundleDirectory(manifest)
    #expect(try ModelBundle.update(directory: directory.url))
    return try directory.open()
  }

  @Test func everyKeyFindsItsPlace() throws {
    let manifest = try updated(BundleDirectory.formatOne).manifest
    let table = BundleManifest.SymbolTable(
      symbolOf: Array(repeating: 1, count: 256), valueOf: [0.25, 0.1])
    #expect(
      manifest
        == BundleManifest(
          scheme: .agilenn, dataset: "cifar10",
          input: .init(width: 32, height: 24, resize: .bilinear, fit: .centreCrop),
          graphs: [
            "device": .init(
              file: "device.tflite", sha256: BundleDirectory.sha256(BundleDirectory.device)),
            "remote": .init(
              file: "remote.onnx", sha256: BundleDirectory.sha256(BundleDirectory.remote)),
          ],
          paths: [
            .init(
              name: "offload", device: "device",
              sends: [
                .init(
                  tensor: "features", to: "x", symbols: [table], coder: .init(name: .lzw),
                  missing: [0])
              ],
              remote: "remote",
              exits: [
                .init(name: "local", place: .device, tensor: "l", alpha: [0.31]),
                .init(name: "remote", place: .server, tensor: "r"),
              ])
          ], labels: ["cat", "dog"], trained: manifest.trained))
  }

  /// Training's notes stay as they are, and say that nothing was trained before.
  @Test func whatIsTrainedIsKept() throws {
    let directory = try BundleDirectory(BundleDirectory.formatOne)
    try #require(try ModelBundle.update(directory: directory.url))
    let text = try Data(contentsOf: directory.url.appending(path: "bundle.json"))
    let root = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let trained = try #require(root["trained"] as? NSDictionary)
    #expect(
      trained == ["command": "train", "somethingElse": [1, 2], "pretrained": NSNull()]
        as NSDictionary)
    let without = try updated(BundleDirectory.formatOne.setting(["trained"], to: nil)).manifest
    #expect(without.trained == nil)
  }

  /// Order, and every digit of every number.
  @Test func whatDoesNotMoveIsWrittenAsItWas() throws {
    let directory = try BundleDirectory(nil)
    try directory.write(
      Array(
        #"""
        {"labels": ["\u0063at", "dög", "a/b \"c\" [d]"], "format": 1,
         "input": {"height": 8, "width":8}, "alpha": 0.10000000000000001,
         "graphs": {"remote": "remote.onnx", "device": "device.tflite"},
         "symbols": {"tables": [{"valueOf": [-0.11286773532629013, 1e-3], "symbolOf": [\#(
           Array(repeating: "1", count: 256).joined(separator: ","))]}]},
         "trained": {"note": [], "nothing": {}, "deep": [[1, 2], {"a": true}]}}
        """#.utf8), to: "bundle.json")
    #expect(try ModelBundle.update(directory: directory.url))
    let text = try String(
      contentsOf: directory.url.appending(path: "bundle.json"), encoding: .utf8)
    let zeros = Array(repeating: "1", count: 256).joined(separator: ", ")
    #expect(
      text == #"""
        {
          "labels": ["\u0063at", "dög", "a/b \"c\" [d]"],
          "format": 2,
          "input": {
            "height": 8,
            "width": 8
          },
          "graphs": {
            "remote": "remote.onnx",
            "device": "device.tflite"
          },
          "paths": [
            {
              "device": "device",
              "sends": [
                {
                  "tensor": "features",
                  "to": "features",
                  "symbols": [
                    {
                      "valueOf": [-0.11286773532629013, 1e-3],
                      "symbolOf": [\#(zeros)]
                    }
                  ],
                  "coder": {
                    "name": "lzw"
                  },
                  "missing": [0.0]
                }
              ],
              "remote": "remote",
              "exits": [
                {
                  "name": "local",
                  "where": "device",
                  "tensor": "localLogits",
                  "alpha": [0.10000000000000001]
                },
                {
                  "name": "remote",
                  "where": "server",
                  "tensor": "logits"
                }
              ]
            }
          ],
          "trained": {
            "note": [],
            "nothing": {},
            "deep": [
              [1, 2],
              {
                "a": true
              }
            ],
            "pretrained": null
          }
        }

        """#)
    #expect(try directory.open().manifest.labels == ["cat", "dög", "a/b \"c\" [d]"])
  }

  @Test func defaultsAndAbsentPartsComeOverToo() throws {
    let short = BundleDirectory.formatOne.setting(["symbols"], to: nil)
      .setting(["alpha"], to: nil).setting(["paths"], to: nil)
    #expect(try updated(short).manifest.paths == [.init(device: "device", remote: "remote")])
    let local = short.setting(["graphs", "remote"], to: nil)
    #expect(try updated(local).manifest.paths == [.init(device: "device", remote: nil)])
    let remote = short.setting(["graphs", "device"], to: nil)
    #expect(try updated(remote).manifest.paths == [.init(device: nil, remote: "remote")])
    let serverAlone = BundleDirectory.formatOne.setting(["alpha"], to: nil)
      .setting(["paths", 0, "exits"], to: ["remote": "r"])
    #expect(
      try updated(serverAlone).manifest.paths[0].exits == [.init(place: .server, tensor: "r")])
    // Two paths, one of which can combine.
    let two = BundleDirectory.formatOne.setting(
      ["paths", 1], to: ["name": "alone", "device": "device"])
    let paths = try updated(two).manifest.paths
    #expect(paths.map { $0.exits.map(\.alpha) } == [[[0.31], nil], [nil]])
    #expect(paths[1].sends == [])
  }

  @Test func aBundleOfThisFormatIsLeftAlone() throws {
    let directory = try BundleDirectory()
    let url = directory.url.appending(path: "bundle.json")
    let before = try Data(contentsOf: url)
    #expect(try !ModelBundle.update(directory: directory.url))
    #expect(try Data(contentsOf: url) == before)
  }

  static let faults: [(path: [JSON.Step], value: JSON?, line: String)] = [
    (["format"], nil, "format: is missing"),
    (["format"], 3, "format: is neither 1 nor 2"),
    (["format"], "1", "format: is neither 1 nor 2"),
    (["scheme"], "magic", "scheme: is 'magic', none of agilenn"),
    (["sends"], [], "sends: is not a key here"),
    (["paths"], 5, "paths: is not a list"),
    (["paths", 0], "x", "paths[0]: is not an object"),
    (["paths", 0, "sends"], [], "paths[0].sends: is not a key of format 1"),
    (["paths", 0, "tensors"], [], "paths[0].tensors: is not an object"),
    (
      ["paths", 0, "tensors"], ["a": "a", "b": "b"], "paths[0].tensors: has 2 entries; one tensor"
    ),
    (["paths", 0, "tensors"], ["features": 7], "paths[0].sends[0].to: is not a string"),
    (["paths", 0, "exits"], [], "paths[0].exits: is not an object"),
    (["paths", 0, "exits", "late"], "x", "paths[0].exits.late: is not a key of format 1"),
    (["paths", 0, "exits", "local"], nil, "alpha: is there, but no path has both a local and a"),
    (["symbols"], [], "symbols: is not an object"),
    (["symbols", "table"], [], "symbols.table: is not a key of format 1"),
    (["symbols", "tables"], [], "symbols.tables: is not a list with entries"),
    (["symbols", "coder", "name"], "zip", "paths[0].sends[0].coder.name: is 'zip', none of raw"),
    (["alpha"], 1.5, "paths[0].exits[0].alpha[0]: is 1.5, outside 0...1"),
    (["labels"], [], "labels: is empty"),
  ]

  @Test(arguments: faults.indices)
  func whatIsWrongIsOneLineAndNothingIsWritten(index: Int) throws {
    let fault = Self.faults[index]
    let directory = try BundleDirectory(
      BundleDirectory.formatOne.setting(fault.path, to: fault.value))
    let url = directory.url.appending(path: "bundle.json")
    let before = try Data(contentsOf: url)
    let error = #expect(throws: BundleError.self) {
      try ModelBundle.update(directory: directory.url)
    }
    let line = error.map { "\($0)" } ?? ""
    #expect(line.hasPrefix("\(url.path): \(fault.line)"), "\(line)")
    #expect(!line.contains { $0.isNewline })
    #expect(error?.exitStatus == 65)
    #expect(try Data(contentsOf: url) == before)
  }

  @Test func graphsAreCheckedBeforeAnythingIsWritten() throws {
    let directory = try BundleDirectory(BundleDirectory.formatOne)
    try directory.write(BundleDirectory.device + [1], to: "device.tflite")
    let url = directory.url.appending(path: "bundle.json")
    let before = try Data(contentsOf: url)
    #expect(throws: BundleError.self) { try ModelBundle.update(directory: directory.url) }
    #expect(try Data(contentsOf: url) == before)
  }

  @Test func hostileTextsEnd() throws {
    let directory = try BundleDirectory(nil)
    for text in [
      "", "{", "[", "\"", "\"\\", "{\"format\":1", "{\"format\" 1}", "{\"format\":1,}", "[1,]",
      "{1:2}",
      "{\"format\":1}{}", "{\"format\":}", "{\"format\":1,\"format\":1}", "[]", "1", "\u{FEFF}{}",
      "{\"format\":1,\"labels\":[nonsense]}", "{\"format\":1,\"graphs\":{\"a\":1e}}",
      "{\"format\":1,\"labels\":[\"\\q\"]}", "{\"format\":1,\"paths\":[{\"device\":\"a\nb\"}]}",
      String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 100_000),
      "{\"format\":1,\"alpha\":\(String(repeating: "9", count: 100_000))}",
    ] {
      try directory.write(Array(text.utf8), to: "bundle.json")
      let error = #expect(throws: BundleError.self) {
        try ModelBundle.update(directory: directory.url)
      }
      #expect(error?.exitStatus == 65, "\(text.prefix(40))")
    }
    try directory.write([0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D], to: "bundle.json")
    #expect(throws: BundleError.self) { try ModelBundle.update(directory: directory.url) }
    let none = directory.url.appending(path: "none")
    let error = #expect(throws: BundleError.self) { try ModelBundle.update(directory: none) }
    #expect(error?.exitStatus == 66)
  }

  /// A manifest that is cut or changed is refused, or what is written is good.
  @Test func everyCutIsRefused() throws {
    let directory = try BundleDirectory(BundleDirectory.formatOne)
    let url = directory.url.appending(path: "bundle.json")
    let whole = try Data(contentsOf: url)
    for length in stride(from: 0, to: whole.count, by: 7) {
      try whole.prefix(length).write(to: url)
      #expect(throws: BundleError.self) { try ModelBundle.update(directory: directory.url) }
    }
  }
}
