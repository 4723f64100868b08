import Crypto
import ExitStatus
import Foundation
import TestBundles
import Testing

@testable import BundleFormat

@Suite struct BundleTests {
  @Test func aWholeManifestIsRead() throws {
    let directory = try BundleDirectory()
    let bundle = try directory.open()
    let manifest = bundle.manifest
    #expect(manifest.format == 2)
    #expect(manifest.scheme == .agilenn)
    #expect(manifest.dataset == "cifar10")
    #expect(
      manifest.input
        == BundleManifest.Input(width: 32, height: 24, resize: .bilinear, fit: .centreCrop))
    let table = BundleManifest.SymbolTable(
      symbolOf: Array(repeating: 1, count: 256), valueOf: [0.25, 0.1])
    let send = BundleManifest.Send(
      tensor: "features", to: "x", symbols: [table],
      coder: .init(
        name: .range,
        tables: .init(
          file: "coder.bin", sha256: BundleDirectory.sha256(BundleDirectory.tables))),
      missing: [0.5])
    #expect(
      manifest.paths == [
        BundleManifest.Path(
          name: "offload", device: "device", sends: [send], remote: "remote",
          exits: [
            .init(
              name: "early", place: .device, tensor: "l", threshold: 0.9, temperature: 1.5,
              alpha: [1, 0.31]),
            .init(name: "late", place: .server, tensor: "r"),
          ])
      ])
    #expect(send.alphabetSize == 2)
    #expect(bundle.coderTables(of: send) == BundleDirectory.tables)
    #expect(manifest.labels == ["cat", "dog"])
    #expect(manifest.trained?.accuracy?["int8"]?["combined"] == 80.5)
    #expect(manifest.trained?.pretrained == "ImageNet")
    #expect(bundle.warnings == [])
    #expect(bundle.directory == directory.url)
    let device = try Data(contentsOf: bundle.url(ofGraph: "device"))
    #expect(Array(device) == BundleDirectory.device)
    let json = try Data(contentsOf: directory.url.appending(path: "bundle.json"))
    #expect(bundle.digest == Array(SHA256.hash(data: json)))
    #expect(bundle.digest.count == 32)
  }

  @Test func aManifestGoesThereAndBack() throws {
    let manifest = try BundleDirectory().open().manifest
    let json = try JSONEncoder().encode(manifest)
    #expect(try JSONDecoder().decode(BundleManifest.self, from: json) == manifest)
  }

  @Test func aPairNeedsFewKeys() throws {
    let directory = try BundleDirectory([
      "format": 2, "input": ["width": 32, "height": 32], "labels": ["cat"],
      "graphs": ["device": "device.tflite", "remote": "remote.onnx"],
    ])
    let bundle = try directory.open()
    #expect(
      bundle.manifest
        == BundleManifest(
          scheme: .agilenn, dataset: "custom",
          input: BundleManifest.Input(width: 32, height: 32, resize: .none, fit: .stretch),
          graphs: [
            "device": BundleManifest.File(file: "device.tflite"),
            "remote": BundleManifest.File(file: "remote.onnx"),
          ],
          paths: [
            BundleManifest.Path(
              name: "offload", device: "device",
              sends: [
                .init(
                  tensor: "features", to: "features", symbols: [], coder: .init(name: .raw),
                  missing: [0])
              ], remote: "remote",
              exits: [
                .init(
                  name: "local", place: .device, tensor: "localLogits", threshold: nil,
                  temperature: 1, alpha: nil),
                .init(name: "remote", place: .server, tensor: "logits"),
              ])
          ], labels: ["cat"]))
    #expect(
      bundle.warnings == [
        "\(directory.url.path)/bundle.json: graphs.device.sha256: is missing; the file's is "
          + BundleDirectory.sha256(BundleDirectory.device),
        "\(directory.url.path)/bundle.json: graphs.remote.sha256: is missing; the file's is "
          + BundleDirectory.sha256(BundleDirectory.remote),
      ])
  }

  @Test func oneGraphAloneMakesAPathOfItsOwn() throws {
    let pathless = BundleDirectory.manifest.setting(["paths"], to: nil)
    let local = try BundleDirectory(
      pathless.setting(["graphs", "remote"], to: nil)
    ).open().manifest
    #expect(
      local.paths == [
        BundleManifest.Path(
          name: "local", codec: nil, device: "device", sends: [], remote: nil,
          exits: [.init(name: "local", place: .device, tensor: "localLogits")])
      ])
    #expect(local.paths[0].send == nil)
    #expect(local.paths[0].serverExit == nil)
    let remote = try BundleDirectory(
      pathless.setting(["graphs", "device"], to: nil)
    ).open().manifest
    #expect(
      remote.paths == [
        BundleManifest.Path(
          name: "remote", codec: .raw, device: nil, sends: [.init(tensor: "image", to: "image")],
          remote: "remote", exits: [.init(name: "remote", place: .server, tensor: "logits")])
      ])
    #expect(remote.paths[0].deviceExits == [])
    #expect(remote.paths[0].send?.alphabetSize == 256)
  }

  @Test func namesAndCodersHaveDefaults() throws {
    let path: JSON = [
      "device": "device", "remote": "remote",
      "sends": [
        [
          "tensor": "f",
          "symbols": [["symbolOf": .list(Array(repeating: 0, count: 256)), "valueOf": [1]]],
        ]
      ],
      "exits": [["where": "server"], ["where": "device", "alpha": [0.5]]],
    ]
    let manifest = BundleDirectory.manifest.setting(["paths"], to: [path])
    let read = try #require(BundleDirectory(manifest).open().manifest.paths.first)
    #expect(read.send?.to == "f")
    #expect(read.send?.coder == .init(name: .lzw))
    #expect(
      read.exits == [
        .init(name: "remote", place: .server, tensor: "logits"),
        .init(name: "local", place: .device, tensor: "localLogits", alpha: [0.5]),
      ])
    #expect(read.serverExit?.name == "remote")
    #expect(read.deviceExits.map(\.name) == ["local"])
  }

  @Test func exitsThatAreGivenHaveNoDefaults() throws {
    let manifest = BundleDirectory.manifest
      .setting(["paths", 0, "exits"], to: [["where": "server", "tensor": "r"]])
    let path = try #require(BundleDirectory(manifest).open().manifest.paths.first)
    #expect(path.exits == [.init(place: .server, tensor: "r")])
  }

  /// Several exits on the device, several paths, and one that sends the image itself.
  @Test func manyPathsAndExits() throws {
    let paths: JSON = [
      BundleDirectory.path,
      [
        "name": "alone", "device": "device",
        "exits": [
          ["name": "a", "where": "device", "tensor": "a", "threshold": 0],
          ["name": "b", "where": "device", "tensor": "b", "threshold": 1],
          ["name": "c", "where": "device", "tensor": "c"],
        ],
      ],
      ["name": "image", "remote": "remote", "codec": "raw"],
    ]
    let read = try BundleDirectory(BundleDirectory.manifest.setting(["paths"], to: paths))
      .open().manifest.paths
    #expect(read.map(\.name) == ["offload", "alone", "image"])
    #expect(read[1].exits.map(\.threshold) == [0, 1, nil])
    #expect(read[2].codec == .raw)
  }

  /// float32 as training wrote it, in as many digits as Python prints of the double.
  @Test func valuesAreTheNearestFloats() throws {
    let values: [Float] = [
      0.1, -3.4028235e38, .leastNonzeroMagnitude, 0.41000000834465027, 123456.789,
    ]
    let manifest = BundleDirectory.manifest.setting(
      ["paths", 0, "sends", 0, "symbols", 0, "valueOf"],
      to: .list(values.map { .number(Double($0)) }))
    let bundle = try BundleDirectory(manifest).open()
    #expect(bundle.manifest.paths[0].send?.symbols[0].valueOf == values)
  }

  @Test func aGraphThatNoPathUsesIsAWarning() throws {
    let directory = try BundleDirectory(
      BundleDirectory.manifest.setting(["graphs", "spare"], to: ["file": "spare"]))
    try directory.write([1, 2, 3], to: "spare")
    let warnings = try directory.open().warnings
    #expect(warnings.count == 2)
    #expect(warnings.first?.hasSuffix("graphs.spare: no path uses it") == true)
  }

  @Test func everyByteOfTheManifestIsInTheDigest() throws {
    let directory = try BundleDirectory()
    let before = try directory.open().digest
    let url = directory.url.appending(path: "bundle.json")
    try (Data(contentsOf: url) + Data(" ".utf8)).write(to: url)
    #expect(try directory.open().digest != before)
  }

  @Test func bundlesAreFoundInFoldersBelow() throws {
    let root = try BundleDirectory(nil)
    for name in ["b/agilenn", "a/agilenn", "a/mcunet"] {
      for (file, bytes) in [
        ("device.tflite", BundleDirectory.device), ("remote.onnx", BundleDirectory.remote),
        ("coder.bin", BundleDirectory.tables),
      ] {
        try root.write(bytes, to: "\(name)/\(file)")
      }
      try root.write(Array(BundleDirectory.manifest.data), to: "\(name)/bundle.json")
    }
    try root.write(Array("no JSON".utf8), to: ".hidden/bundle.json")
    try root.link("loop", to: ".")
    let found = try ModelBundle.discover(in: root.url)
    #expect(
      found.map(\.directory.path)
        == ["a/agilenn", "a/mcunet", "b/agilenn"].map {
          root.url.appending(path: $0).path
        })
    #expect(try ModelBundle.discover(in: root.url.appending(path: "a/mcunet")).count == 1)

    // The folder named through a link, as users do.
    try root.link("models", to: "a")
    #expect(try ModelBundle.discover(in: root.url.appending(path: "models")).count == 2)

    try root.write(Array("{".utf8), to: "c/bundle.json")
    #expect(throws: BundleError.self) { try ModelBundle.discover(in: root.url) }
    let error = #expect(throws: BundleError.self) {
      try ModelBundle.discover(in: root.url.appending(path: "nothing"))
    }
    #expect(error?.exitStatus == 66)
  }

  @Test func theBundlesOfTheRepositoryAreGood() throws {
    let fixtures = try ModelBundle.discover(in: Repository.fixtures.appending(path: "bundles"))
    #expect(
      fixtures.map(\.directory.lastPathComponent).sorted()
        == (FixtureBundle.schemes + [.tiny]).map(\.name).sorted())
    #expect(fixtures.flatMap(\.warnings) == [])
    #expect(
      Set(fixtures.map(\.manifest.scheme)) == Set(BundleManifest.Scheme.allCases))
    if FileManager.default.fileExists(atPath: Repository.models.path) {
      #expect(try ModelBundle.discover(in: Repository.models).flatMap(\.warnings) == [])
    }
  }

  @Test func exitStatusesAreThoseOfTheDesign() {
    #expect(ExitStatus.allCases.map(\.rawValue) == [64, 65, 66, 69, 73, 74, 75, 76])
  }
}
