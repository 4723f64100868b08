import DeviceCore
import TestBundles
import Testing

/// SPINN's choice of the cut, by the link, the server and the target; all time is the test's.
@Suite struct SchedulerTests {
  /// A device before a camera, a link of a rate and a server, each as fast as the test says.
  struct Scene {
    var driver: HandDriver
    var clock: Microseconds = 0
    /// Bytes a second.
    var rate = 750_000
    /// The server's work by path, in microseconds.
    var server: [UInt32] = [900, 900, 900]
    var number = 0

    /// Operators behind the camera's take five milliseconds each.
    private static func time(of work: DeviceWork) -> Microseconds {
      switch work {
      case .run(let operators): operators.reduce(0) { $0 + ($1 == 0 ? 50 : 5000) }
      case .code: 100
      case .ask: 20
      }
    }

    /// Shows an image, and returns the path by which it went; nil where the device answered alone.
    mutating func infer() throws -> Int? {
      var actions = try driver.show(number, at: clock)
      number += 1
      var path: Int?
      var sent = 0
      while actions.answer == nil {
        if let range = actions.send {
          for frame in try driver.frames(range) {
            switch frame {
            case .infer(_, let used, _): path = Int(used)
            case .end(let id, let symbols, _):
              sent += 1
              clock += UInt64(range.count) * 1_000_000 / UInt64(rate)
              actions = try driver.tell(.sent, at: clock)
              guard actions.answer == nil, let path else { continue }
              clock += 400 + UInt64(server[path])
              actions = try driver.receive(
                id: id, logits: [1, 2, 3, 4, 5, 6], symbolsUsed: symbols ?? 0, at: clock,
                times: (0, 0, server[path]))
            default: break
            }
          }
          if sent == 0 {
            clock += UInt64(range.count) * 1_000_000 / UInt64(rate)
            actions = try driver.tell(.sent, at: clock)
          }
          sent = 0
        } else if let work = actions.work ?? driver.core.underway {
          clock += Self.time(of: work)
          actions = try driver.end(work, at: clock)
        } else {
          Issue.record("nothing is to be done, and there is no answer")
          return nil
        }
      }
      while let work = driver.core.underway {
        clock += Self.time(of: work)
        actions = try driver.end(work, at: clock)
      }
      return path
    }

    /// The path on which the last of some images went.
    mutating func settled(after images: Int = 20) throws -> Int? {
      var path: Int?
      for _ in 0..<images { path = try infer() }
      return path
    }
  }

  private func scene(
    _ target: DeviceSettings.Target, power: DeviceSettings.Power = .init()
  ) throws -> Scene {
    var settings = DeviceSettings()
    settings.target = target
    settings.power = power
    settings.overlaps = false
    settings.bytesPerSecond = 750_000
    var scene = Scene(driver: try HandDriver(settings, bundle: .spinn))
    _ = try scene.driver.tell(.linkUp, at: 0)
    return scene
  }

  /// Whole images go over a quick link, 1,200 bytes each; features over a slow one.
  @Test func theCutFollowsTheLink() throws {
    var scene = try scene(.accuracy)
    #expect(try scene.settled() == 0)
    // From 6 Mbps to 270 kbps.
    scene.rate = 33_750
    let slow = try scene.settled()
    #expect(slow == 1 || slow == 2)
    scene.rate = 750_000
    // What is small says little of a link: it takes longer to be believed again.
    #expect(try scene.settled(after: 60) == 0)
  }

  /// Every cut is tried once, so that the core's times are known.
  @Test func whatIsNotKnownIsTried() throws {
    var scene = try scene(.accuracy)
    var seen: Set<Int> = []
    for _ in 0..<6 { if let path = try scene.infer() { seen.insert(path) } }
    #expect(seen == [0, 1, 2])
  }

  /// A path whose server is under load is left for another.
  @Test func theCutFollowsTheServersLoad() throws {
    var scene = try scene(.accuracy)
    #expect(try scene.settled() == 0)
    scene.server[0] = 40_000
    let loaded = try scene.settled()
    #expect(loaded == 1 || loaded == 2)
  }

  /// Where sending is dear, the features that take longer to compute are cheaper.
  @Test func energyCountsSending() throws {
    var cheap = try scene(.energy, power: .init(device: 1000, sending: 1))
    var dear = try scene(.energy, power: .init(device: 1000, sending: 20_000))
    var (cheapPaths, dearPaths): (Set<Int>, Set<Int>) = ([], [])
    for _ in 0..<40 {
      if let path = try cheap.infer(), cheap.number > 10 { cheapPaths.insert(path) }
      if let path = try dear.infer(), dear.number > 10 { dearPaths.insert(path) }
    }
    #expect(cheapPaths.contains(0) && !dearPaths.contains(0))
  }

  /// Early exits are for those who want to be quick.
  @Test func accuracyTakesNoEarlyExit() throws {
    var accurate = try scene(.accuracy)
    var quick = try scene(.latency)
    quick.server = [90_000, 900, 900]
    var alone = 0
    for _ in 0..<40 {
      #expect(try accurate.infer() != nil)
      if try quick.infer() == nil { alone += 1 }
    }
    #expect(alone > 0)
  }
}
