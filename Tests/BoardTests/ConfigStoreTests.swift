import Foundation
import SeededRandom
import Testing

@testable import Board

struct ConfigStoreTests {
  private let shipped: ConfigStore

  init() throws {
    shipped = try ConfigStore.locate()
  }

  /// A folder with the files given, by path; gone when `body` is done.
  private func withConfig(
    _ files: [String: String], _ body: (ConfigStore) throws -> Void
  ) throws {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-config-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for kind in ConfigKind.allCases {
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent(kind.rawValue), withIntermediateDirectories: true)
    }
    for (path, text) in files {
      try text.write(to: root.appendingPathComponent(path), atomically: true, encoding: .utf8)
    }
    try body(ConfigStore(root: root))
  }

  @Test func everyShippedFileCanBeRead() throws {
    #expect(shipped.names(of: .board) == ["stm32f746"])
    for name in shipped.names(of: .board) { #expect(try shipped.board(name).name == name) }
    let radios = [
      "ble-270kbps", "ble-270kbps-real", "ble-2mbps", "ble-2mbps-real", "wifi-6mbps",
      "wifi-6mbps-real",
    ]
    #expect(shipped.names(of: .radio) == radios)
    for name in radios { #expect(try shipped.radio(name)?.name == name) }
    for name in shipped.names(of: .kernels) { #expect(try shipped.kernels(name).name == name) }
  }

  @Test func thePapersRadiosAreARateAlone() throws {
    for (name, rate) in [("wifi-6mbps", 6e6), ("ble-2mbps", 2e6), ("ble-270kbps", 270e3)] {
      let radio = try #require(try shipped.radio(name))
      #expect(radio.uplinkBitsPerSecond == rate)
      #expect(radio.downlinkBitsPerSecond == rate)
      #expect(radio.roundTripMicroseconds == 0)
      #expect(radio.jitterMicroseconds == 0)
      #expect(radio.segments == RadioProfile.Segmentation())
      #expect(radio.loss == RadioProfile.Loss())
      let real = try #require(try shipped.radio(name + "-real"))
      #expect(real.uplinkBitsPerSecond == rate)
      #expect(real.roundTripMicroseconds > 0)
      #expect(real.segments.headerBytes > 0)
    }
    #expect(try shipped.radio("none") == nil)
  }

  @Test func anUnknownNameListsThoseThatThereAre() {
    let error = #expect(throws: ConfigError.self) { try shipped.radio("wifi") }
    #expect(error?.exitStatus == 64)
    #expect(
      error?.description
        == "no radio 'wifi'; there are: ble-270kbps, ble-270kbps-real, ble-2mbps, ble-2mbps-real, "
        + "wifi-6mbps, wifi-6mbps-real, none")
    let board = #expect(throws: ConfigError.self) { try shipped.board("nucleo") }
    #expect(board?.description == "no board 'nucleo'; there are: stm32f746")
    let kernels = #expect(throws: ConfigError.self) { try shipped.kernels("") }
    #expect(
      kernels?.description
        == "no kernel preset ''; there are: cmsis-nn, swift, tflm, tinyengine, x-cube-ai")
  }

  @Test func aUsersOwnFileIsTakenByItsPath() throws {
    try withConfig(["radios/mine.yaml": radio("name: mine")]) { store in
      let path = store.root.appendingPathComponent("radios/mine.yaml").path
      let mine = try shipped.radio(path)
      #expect(mine?.name == "mine")
      #expect(mine?.uplinkBitsPerSecond == 1000)
      let missing = #expect(throws: ConfigError.self) { try shipped.radio("./not-there.yaml") }
      #expect(missing?.description == "./not-there.yaml: cannot be read: no such file")
      #expect(missing?.exitStatus == 66)
      #expect(throws: ConfigError.self) { try shipped.radio(store.root.path) }
    }
  }

  private func radio(
    _ name: String = "name: r", rate: String = "rate: {up: 1000, down: 2000}", more: String = ""
  ) -> String {
    """
    \(name)
    \(rate)
    module: {name: m, volts: 3.3, idle: 1, transmit: 2, receive: 3}
    \(more)
    """
  }

  @Test(arguments: [
    ("", ":", "the file is empty"),
    ("name: [", ":", "not YAML"),
    ("- a\n- b", ":1:", "expected a mapping"),
    ("just text", ":1:", "expected a mapping"),
    ("name: a\nname: b", ":", "stand twice"),
    ("name: r\nrate: {up: 1000, down: 2000}", ":1:", "the key 'module' is missing"),
    ("nam: r\nmodule: 1\nrate: 2", ":1:", "unknown key 'nam'"),
    ("name: r\nrate: fast\nmodule: {}", ":2:", "rate: expected a mapping"),
    ("name: r\nrate: {up: fast, down: 1}\nmodule: {}", ":2:", "rate.up: expected a number"),
    ("name: r\nrate: {up: .nan, down: 1}\nmodule: {}", ":2:", "rate.up: expected a number"),
    ("name: r\nrate: {up: .inf, down: 1}\nmodule: {}", ":2:", "rate.up: expected a number"),
    ("name: r\nrate: {up: -5, down: 1}\nmodule: {}", ":2:", "rate.up: -5.0 is not from"),
    ("name: r\nrate: {up: 0, down: 1}\nmodule: {}", ":2:", "rate.up: 0.0 is not from"),
    ("name: r\nrate: {up: [1], down: 1}\nmodule: {}", ":2:", "rate.up: expected a number"),
    (
      "name: r\nrate: {up: 1000, down: 1000, sideways: 1}\nmodule: {}", ":2:",
      "rate: unknown key 'sideways'"
    ),
    ("name: {a: b}\nrate: {up: 1000, down: 1000}\nmodule: {}", ":1:", "name: expected text"),
    ("name:\nrate: {up: 1000, down: 1000}\nmodule: {}", ":1:", "name: expected text"),
  ])
  func whatIsWrongIsSaidInOneLine(text: String, place: String, reason: String) throws {
    try withConfig(["radios/r.yaml": text]) { store in
      let error = #expect(throws: ConfigError.self) { try store.radio("r") }
      let line = try #require(error?.description)
      #expect(line.hasPrefix("Config/radios/r.yaml" + place), "\(line)")
      #expect(line.contains(reason), "\(line)")
      #expect(!line.contains("\n"), "\(line)")
      #expect(error?.exitStatus == 65)
    }
  }

  @Test(arguments: [
    ("loss: {probability: 1, timeout: 1000}", "loss.probability: 1.0 is not from 0.0 to 0.9"),
    ("loss: {probability: 0.5}", "loss: the key 'timeout' is missing"),
    ("segments: {payload: 0}", "segments.payload: 0 is not from"),
    ("segments: {payload: 1.5}", "segments.payload: expected a whole number"),
    ("outages: {start: 1}", "outages: expected a list"),
    ("outages: [{start: 0, duration: 5000, every: 5000}]", "they leave no time"),
    (
      "outages: [{start: 0, duration: 3000, every: 6000}, {start: 3000, duration: 3000, every: 6000}]",
      "they leave no time"
    ),
    ("outages: [{start: 0}]", "outages[0]: the key 'duration' is missing"),
    ("jitter: -1", "jitter: -1.0 is not from"),
  ])
  func radiosThatCannotBe(more: String, reason: String) throws {
    try withConfig(["radios/r.yaml": radio(more: more)]) { store in
      let error = #expect(throws: ConfigError.self) { try store.radio("r") }
      #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
      #expect(error?.exitStatus == 65)
    }
  }

  @Test func currentsMustRiseWithTheClock() throws {
    let text = try String(
      contentsOf: shipped.root.appendingPathComponent("boards/stm32f746.yaml"), encoding: .utf8)
    let wrong = text.replacingOccurrences(of: "megahertz: 60", with: "megahertz: 20")
    try withConfig(["boards/b.yaml": wrong, "firmware.yaml": Self.figures]) { store in
      let error = #expect(throws: ConfigError.self) { try store.board("b") }
      #expect(error?.description.contains("energy.chip.run[1]: the clocks must rise") == true)
    }
  }

  private static let figures = "{stack: 100, static: 20, code: 3000}"

  @Test func theProgramIsTheFirmwareOrTheBoardsOwn() throws {
    let text = try String(
      contentsOf: shipped.root.appendingPathComponent("boards/stm32f746.yaml"), encoding: .utf8)
    func board(_ program: String) -> String {
      text.replacingOccurrences(of: "program: firmware", with: "program: \(program)")
    }
    let files = [
      "boards/ours.yaml": text, "boards/own.yaml": board("{stack: 1, static: 2, code: 3}"),
      "boards/typo.yaml": board("firmwear"), "boards/short.yaml": board("{stack: 1, static: 2}"),
    ]
    func reason(_ store: ConfigStore, _ name: String) -> String {
      (#expect(throws: ConfigError.self) { try store.board(name) })?.description ?? ""
    }
    try withConfig(files.merging(["firmware.yaml": Self.figures]) { $1 }) { store in
      let ours = try store.board("ours").program
      #expect((ours.stack, ours.staticData, ours.code) == (100, 20, 3000))
      let own = try store.board("own").program
      #expect((own.stack, own.staticData, own.code) == (1, 2, 3))
      #expect(reason(store, "typo").contains("program: expected 'firmware', or stack, static"))
      #expect(reason(store, "short").contains("program: the key 'code' is missing"))
    }
    try withConfig(files) { store in
      #expect(reason(store, "ours") == "Config/firmware.yaml: cannot be read: no such file")
      let own = try store.board("own")
      #expect(own.program.code == 3)
    }
    try withConfig(files.merging(["firmware.yaml": "{stack: 100, static: -1, code: 1}"]) { $1 }) {
      #expect(reason($0, "ours").hasPrefix("Config/firmware.yaml:1: static: -1 is not from"))
    }
  }

  @Test func presetsExtendOneAnotherAndDoNotGoRound() throws {
    let base = try String(
      contentsOf: shipped.root.appendingPathComponent("kernels/cmsis-nn.yaml"), encoding: .utf8)
    func preset(_ name: String, extends: String, operators: String) -> String {
      "name: \(name)\nextends: \(extends)\nsource: s\nestimate: true\noperators: \(operators)"
    }
    try withConfig([
      "kernels/base.yaml": base.replacingOccurrences(of: "cmsis-nn", with: "base"),
      "kernels/mine.yaml": preset("mine", extends: "base", operators: "{add: {setup: 7}}"),
      "kernels/a.yaml": preset("a", extends: "b", operators: "{}"),
      "kernels/b.yaml": preset("b", extends: "a", operators: "{}"),
      "kernels/lost.yaml": preset("lost", extends: "gone", operators: "{}"),
      "kernels/bare.yaml": "name: bare\nsource: s\nestimate: true\noperators: {}",
      "kernels/odd.yaml": preset("odd", extends: "base", operators: "{add: {setup: 1, speed: 2}}"),
      "kernels/none.yaml": preset("none", extends: "base", operators: "{add: {}}"),
      "kernels/relu.yaml": preset("relu", extends: "base", operators: "{relu: {setup: 1}}"),
    ]) { store in
      let mine = try store.kernels("mine")
      let library = try shipped.kernels("cmsis-nn")
      #expect(mine.cycles(for: .add(8, 8, 8)) == 7)
      #expect(mine.cost(of: .conv2D) == library.cost(of: .conv2D))
      for (name, reason) in [
        ("a", "the chain of 'extends' does not end"), ("lost", "no kernel preset 'gone'"),
        ("bare", "no cost for conv2D, shallowConv2D"),
        ("odd", "operators.add: unknown key 'speed'"),
        ("none", "operators.add: at least one term"), ("relu", "operators: unknown key 'relu'"),
      ] {
        let error = #expect(throws: ConfigError.self) { try store.kernels(name) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
      }
    }
  }

  @Test func theFolderIsFound() throws {
    try withConfig([:]) { store in
      let here = store.root
      let named = try ConfigStore.locate(
        environment: ["AGILENN_CONFIG": here.path], currentDirectory: URL(fileURLWithPath: "/"),
        executable: nil)
      #expect(named.root.path == here.path)

      let package = here.appendingPathComponent("package")
      let deep = package.appendingPathComponent("a/b")
      for folder in [deep, package.appendingPathComponent("Config/boards")] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      let config = package.appendingPathComponent("Config").standardizedFileURL.path
      let fromHere = try ConfigStore.locate(
        environment: [:], currentDirectory: deep, executable: nil)
      #expect(fromHere.root.standardizedFileURL.path == config)
      let fromProgram = try ConfigStore.locate(
        environment: [:], currentDirectory: URL(fileURLWithPath: "/"),
        executable: deep.appendingPathComponent("agilenn-device"))
      #expect(fromProgram.root.standardizedFileURL.path == config)
    }
  }

  @Test func aFolderThatIsNotThereIsSaidToBe() {
    let error = #expect(throws: ConfigError.self) {
      try ConfigStore.locate(environment: ["AGILENN_CONFIG": "/not/there"])
    }
    #expect(error?.exitStatus == 66)
    #expect(
      error?.description
        == "no Config folder found; looked in /not/there; set AGILENN_CONFIG to it")
    #expect(throws: ConfigError.self) {
      try ConfigStore.locate(
        environment: [:], currentDirectory: URL(fileURLWithPath: "/"), executable: nil)
    }
  }

  @Test func aFileThatIsTooLongIsNotRead() throws {
    try withConfig(["radios/r.yaml": String(repeating: "#", count: 1 << 21)]) { store in
      let error = #expect(throws: ConfigError.self) { try store.radio("r") }
      #expect(error?.description == "Config/radios/r.yaml: longer than 1048576 bytes")
    }
  }

  /// Whatever stands in the file, reading it ends in an error of one line or a radio.
  @Test func randomDamageNeverCrashes() throws {
    var generator = SplitMix64(seed: 5)
    let text = Array(
      radio(more: "segments: {payload: 100, header: 4}\noutages: [{start: 0, duration: 5000}]").utf8
    )
    try withConfig([:]) { store in
      let path = store.root.appendingPathComponent("radios/r.yaml")
      for _ in 0..<300 {
        var damaged = text
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          let index = Int.random(in: 0..<damaged.count, using: &generator)
          damaged[index] = UInt8.random(in: 9...255, using: &generator)
        }
        try Data(damaged).write(to: path)
        do {
          _ = try store.radio("r")
        } catch let error as ConfigError {
          #expect(!error.description.contains("\n"), "\(error)")
        }
      }
    }
  }
}
