import Foundation
import NIOCore
import NIOEmbedded
import OffloadWire
import SeededRandom
import Testing

@testable import ServerKit

/// Conversations with frames lost, repeated, put elsewhere and changed, held against a reference.
///
/// `AGILENN_MUTATIONS` sets how many; a failure names its seed.
struct MutatedConversationTests {
  private static let count =
    ProcessInfo.processInfo.environment["AGILENN_MUTATIONS"].flatMap { Int($0) } ?? 300

  @Test func everyConversationGoesAsTheReferenceSays() async throws {
    var outcomes: [String: Int] = [:]
    let server = try await ConnectionSetting()
    for seed in 0..<Self.count {
      var random = SplitMix64(seed: UInt64(seed))
      let setting = try await ConnectionSetting(sharing: server)
      try await setting.greet()
      var reference = ReferenceServer(setting.bundle)
      for frame in try conversation(&random) {
        let owed = reference.receive(frame)
        outcomes["\(owed)".prefix { $0 != "(" }.description, default: 0] += 1
        try await send(frame, to: setting, &random)
        let expected = try reply(owed, of: setting.bundle)
        let found = try await expected == nil ? setting.reply() : setting.answer()
        #expect(found == expected, "seed \(seed), \(frame)")
        guard found == expected, setting.channel.isActive else { break }
      }
      if setting.channel.isActive { try await setting.channel.close() }
    }
    // All that can happen did.
    #expect(outcomes.count == 6, "\(outcomes)")
  }

  /// A few requests as a device sends them, then mistreated.
  private func conversation(_ random: inout SplitMix64) throws -> [ReferenceServer.Frame] {
    var frames: [ReferenceServer.Frame] = []
    for id in 1...UInt32.random(in: 2...6, using: &random) {
      let symbols = Frames.symbols(Int.random(in: 0..<65_536, using: &random))
      let count = Int.random(in: 0...8, using: &random)
      let isCut = Int.random(in: 0..<4, using: &random) == 0
      var payload = try Frames.payload(isCut ? symbols : Array(symbols.prefix(count)))
      if isCut { payload.removeLast(Int.random(in: 0..<payload.count, using: &random)) }
      frames.append(.infer(id: id))
      while payload.count > 1, Bool.random(using: &random) {
        frames.append(.chunk(id: id, Array(payload.prefix(1))))
        payload.removeFirst()
      }
      frames.append(
        Int.random(in: 0..<6, using: &random) == 0
          ? .cancel(id: id) : .end(id: id, symbolCount: isCut ? nil : UInt32(count), payload))
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) { mistreat(&frames, &random) }
    return frames
  }

  private func mistreat(_ frames: inout [ReferenceServer.Frame], _ random: inout SplitMix64) {
    guard let index = frames.indices.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: frames.remove(at: index)
    case 1: frames.insert(frames[index], at: index)
    case 2: frames.swapAt(index, frames.indices.randomElement(using: &random) ?? index)
    case 3: frames.insert(frames[index], at: Int.random(in: 0...frames.count, using: &random))
    default: frames[index] = changed(frames[index], &random)
    }
  }

  private func changed(
    _ frame: ReferenceServer.Frame, _ random: inout SplitMix64
  ) -> ReferenceServer.Frame {
    let other = UInt32.random(in: 0...7, using: &random)
    let bytes = (0..<Int.random(in: 1...5, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
    switch frame {
    case .infer: return .infer(id: other)
    case .cancel: return .cancel(id: other)
    case .chunk(let id, let payload):
      return Bool.random(using: &random) ? .chunk(id: other, payload) : .chunk(id: id, bytes)
    case .end(let id, let count, let payload):
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return .end(id: other, symbolCount: count, payload)
      case 1: return .end(id: id, symbolCount: UInt32.random(in: 0...9, using: &random), payload)
      case 2: return .end(id: id, symbolCount: nil, payload)
      default: return .end(id: id, symbolCount: count, bytes)
      }
    }
  }

  /// In pieces of any size.
  private func send(
    _ frame: ReferenceServer.Frame, to setting: ConnectionSetting, _ random: inout SplitMix64
  ) async throws {
    var bytes: [UInt8] =
      switch frame {
      case .infer(let id): try Frames.infer(id: id)
      case .chunk(let id, let payload): try Frames.chunk(id: id, payload)
      case .end(let id, let count, let payload):
        try Frames.end(id: id, symbolCount: count, payload)
      case .cancel(let id): try Frames.cancel(id: id)
      }
    while !bytes.isEmpty {
      let size = Int.random(in: 1...bytes.count, using: &random)
      try await setting.send(bytes.prefix(size))
      bytes.removeFirst(size)
    }
  }

  private func reply(
    _ owed: ReferenceServer.Outcome, of bundle: TestBundle
  ) throws -> Reply? {
    switch owed {
    case .nothing: nil
    case .prediction(let id, let symbols): try .expected(id: id, symbols: symbols, of: bundle)
    case .expired(let id): .refusal(id: id, .expired)
    case .tooLarge: .error(.tooLarge)
    case .outOfOrder: .error(.outOfOrder)
    case .undecodable: .error(.undecodable)
    }
  }
}
