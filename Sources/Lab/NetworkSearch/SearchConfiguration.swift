public import Board

/// What a search is asked for: `docs/search.md`.
public struct SearchConfiguration: Sendable {
  public let name: String
  public let seed: UInt64
  /// A board and a kernel preset by name, or files of one's own.
  public let board: String
  public let kernels: String
  /// MHz; nil for the board's fastest.
  public let clock: Double?
  /// Pixels of the square image that the device has.
  public let camera: Int
  /// Of the answer.
  public let classes: Int
  public let bounds: SearchBounds
  public let space: SearchSpace
  /// Candidates of each generation.
  public let population: Int
  /// How many of the best the next one descends from.
  public let parents: Int
  /// Generations after the first.
  public let generations: Int
  /// How probable it is that a choice is drawn anew.
  public let mutation: Double
  /// Tells configurations apart: a trace goes on under its own alone.
  let text: String

  /// - Throws: `ConfigError`, which names the line.
  public init(path: String, config: ConfigStore) throws(ConfigError) {
    text = try ConfigStore.read(path, shownAs: path)
    let root = try ConfigNode(path: path, text: text)
    let keys = try root.mapping(
      required: ["name", "camera", "classes", "bounds", "space"],
      optional: ["seed", "board", "kernels", "clock", "search"])
    name = try keys.value("name").string()
    seed = UInt64(try keys["seed"]?.integer(in: 0...(1 << 53)) ?? 1)
    board = try keys["board"]?.string() ?? "stm32f746"
    kernels = try keys["kernels"]?.string() ?? "swift"
    let profile = try config.board(board)
    clock = try keys["clock"]?.number(in: profile.clockRange)
    camera = try keys.value("camera").integer(in: 8...512)
    classes = try keys.value("classes").integer(in: 2...1000)
    bounds = try SearchBounds(reading: keys.value("bounds"), board: profile)
    space = try SearchSpace(reading: keys.value("space"))
    let search = try keys["search"]?.mapping(
      required: [], optional: ["population", "parents", "generations", "mutation"])
    population = try search?["population"]?.integer(in: 2...10_000) ?? 64
    parents = try search?["parents"]?.integer(in: 1...population) ?? population / 4
    generations = try search?["generations"]?.integer(in: 0...10_000) ?? 30
    mutation = try search?["mutation"]?.number(in: 0.001...1) ?? 0.1
  }
}
