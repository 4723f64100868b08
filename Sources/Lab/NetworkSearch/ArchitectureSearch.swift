public import Board
import BundleFormat
public import Foundation
import LabKit
import SeededRandom

/// An evolutionary search for the most promising network that a board can hold and run in time.
///
/// As in MCUNet (Lin and others, NeurIPS 2020) the best of all candidates so far have children by
/// crossing and mutation. What a candidate takes is asked of the emulator; how good it may become is
/// judged by its entropy, because training each would take hours. A configuration and its seed decide
/// every candidate, so that a search that was cut off ends as it would have ended.
public struct ArchitectureSearch {
  private let configuration: SearchConfiguration
  private let bench: Inspection.Bench
  private var trace: SearchTrace

  /// Weights beyond this many times the flash need not be compiled to be refused.
  private static let compiledFlash = 4
  /// Draws for a candidate that was not tried before.
  private static let draws = 64

  /// - Parameters:
  ///   - folder: gets the trace, or has one to go on from.
  /// - Throws: ``SearchError``, `ConfigError`.
  public init(
    _ configuration: SearchConfiguration, config: ConfigStore, folder: URL
  ) throws {
    self.configuration = configuration
    bench = Inspection.Bench(
      board: try config.board(configuration.board),
      presets: [try config.kernels(configuration.kernels)], megahertz: configuration.clock)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw SearchError.unwritable(folder.path)
    }
    trace = try SearchTrace(
      folder.appendingPathComponent("trace.jsonl"), for: configuration)
  }

  /// Candidates that ``run(_:)`` still tries.
  public var remaining: Int {
    (configuration.generations + 1) * configuration.population - trace.trials.count
  }

  /// Tries all candidates that are left.
  ///
  /// - Parameter progress: called after each.
  /// - Throws: ``SearchError``.
  public mutating func run(_ progress: () -> Void) throws -> SearchResult {
    var tried = Set(trace.trials.map(\.candidate))
    while trace.trials.count < (configuration.generations + 1) * configuration.population {
      let generation = trace.trials.count / configuration.population
      var random = SplitMix64(seed: SplitMix64.mix(configuration.seed) &+ UInt64(generation))
      let parents = bestSoFar()
      var found: [Trial] = []
      for _ in 0..<configuration.population {
        let candidate = next(from: parents, &random, tried: tried)
        tried.insert(candidate)
        found.append(trial(candidate, generation: generation))
        progress()
      }
      try trace.append(found)
    }
    return try SearchResult(trace.trials, configuration)
  }

  /// The candidates from which the next descend, the best first.
  private func bestSoFar() -> [Candidate] {
    let bounds = configuration.bounds
    let ranked = trace.trials.enumerated().sorted { first, second in
      let (one, other) = (first.element, second.element)
      let allowed = (one.isAllowed(by: bounds), other.isAllowed(by: bounds))
      if allowed.0 != allowed.1 { return allowed.0 }
      let order =
        allowed.0
        ? (-one.score, -other.score) : (one.excess(over: bounds), other.excess(over: bounds))
      return order.0 != order.1 ? order.0 < order.1 : first.offset < second.offset
    }
    return ranked.prefix(configuration.parents).map(\.element.candidate)
  }

  private func next(
    from parents: [Candidate], _ random: inout SplitMix64, tried: Set<Candidate>
  ) -> Candidate {
    func parent() -> Candidate { parents[Int(random.next() % UInt64(parents.count))] }
    var candidate = configuration.space.draw(&random)
    for _ in 0..<Self.draws {
      if !parents.isEmpty {
        let one = parent()
        let child = random.next() & 1 == 0 ? one : one.crossed(with: parent(), &random)
        candidate = child.mutated(
          in: configuration.space, probability: configuration.mutation, &random)
      }
      if !tried.contains(candidate) { break }
      if parents.isEmpty { candidate = configuration.space.draw(&random) }
    }
    return candidate
  }

  private func trial(_ candidate: Candidate, generation: Int) -> Trial {
    let architecture = candidate.architecture(in: configuration.space)
    let weights = architecture.layers.reduce(0) { sum, layer in
      sum + layer.kernel * layer.kernel * layer.outputs
        * (layer.kind == .depthwise ? 1 : layer.inputs)
    }
    var cost: ArchitectureCost?
    if weights <= Self.compiledFlash * configuration.bounds.flash {
      cost = try? ArchitectureCost(
        of: architecture, classes: configuration.classes, camera: configuration.camera, on: bench)
    }
    return Trial(
      generation: generation, candidate: candidate,
      score: EntropyScore.score(of: architecture),
      effectiveness: EntropyScore.effectiveness(of: architecture), cost: cost)
  }
}
