import Board
import SeededRandom

/// The networks among which a search chooses.
public struct SearchSpace: Equatable, Sendable {
  /// Blocks between two changes of resolution.
  public struct Stage: Equatable, Sendable {
    /// Of its first block.
    public let stride: Int
    public let channels: [Int]
    /// How many blocks.
    public let depths: [Int]
    public let kernels: [Int]
    public let expansions: [Int]

    init(reading node: ConfigNode) throws(ConfigError) {
      let keys = try node.mapping(
        required: ["stride", "channels", "depths", "kernels", "expansions"])
      stride = try keys.value("stride").integer(in: 1...2)
      channels = try keys.value("channels").choices(in: 1...1024)
      depths = try keys.value("depths").choices(in: 1...16)
      kernels = try keys.value("kernels").choices(in: 1...11)
      for kernel in kernels where kernel % 2 == 0 {
        throw keys.value("kernels").malformed("\(kernel) is even")
      }
      expansions = try keys.value("expansions").choices(in: 1...16)
    }
  }

  /// Pixels of the square input.
  public let sides: [Int]
  public let stemChannels: [Int]
  public let stemStrides: [Int]
  public let stages: [Stage]
  /// Channels of the last convolution; 0 for none.
  public let heads: [Int]

  init(reading node: ConfigNode) throws(ConfigError) {
    let keys = try node.mapping(required: ["sides", "stem", "stages", "heads"])
    sides = try keys.value("sides").choices(in: 8...512)
    let stem = try keys.value("stem").mapping(required: ["channels", "strides"])
    stemChannels = try stem.value("channels").choices(in: 1...1024)
    stemStrides = try stem.value("strides").choices(in: 1...4)
    var stages: [Stage] = []
    for stage in try keys.value("stages").sequence() { stages.append(try Stage(reading: stage)) }
    guard !stages.isEmpty, stages.count <= 16 else {
      throw keys.value("stages").malformed("1 to 16 are needed")
    }
    self.stages = stages
    heads = try keys.value("heads").choices(in: 0...4096)
  }

  /// A candidate of the space, evenly drawn.
  func draw(_ random: inout SplitMix64) -> Candidate {
    Candidate(
      side: sides.drawn(&random), stemChannels: stemChannels.drawn(&random),
      stemStride: stemStrides.drawn(&random),
      stages: stages.map { $0.draw(&random) }, head: heads.drawn(&random))
  }
}

extension SearchSpace.Stage {
  func draw(_ random: inout SplitMix64) -> Candidate.Stage {
    Candidate.Stage(
      channels: channels.drawn(&random),
      blocks: (0..<depths.drawn(&random)).map { _ in drawBlock(&random) })
  }

  func drawBlock(_ random: inout SplitMix64) -> Candidate.Block {
    Candidate.Block(kernel: kernels.drawn(&random), expansion: expansions.drawn(&random))
  }
}

extension [Int] {
  /// One of them.
  func drawn(_ random: inout SplitMix64) -> Int { self[Int(random.next() % UInt64(count))] }
}

extension ConfigNode {
  /// A list of whole numbers, none of them twice.
  fileprivate func choices(in range: ClosedRange<Int>) throws(ConfigError) -> [Int] {
    var found: [Int] = []
    for node in try sequence() {
      let value = try node.integer(in: range)
      guard !found.contains(value) else { throw node.malformed("\(value) stands twice") }
      found.append(value)
    }
    guard !found.isEmpty else { throw malformed("the list is empty") }
    return found
  }
}
