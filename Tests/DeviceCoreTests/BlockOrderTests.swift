import DeviceCore
import MCUKernels
import TestBundles
import Testing

/// The operators of an image run in the plan's order, whatever is wanted of them first: what an operator
/// left behind is safe from those after it, and not from those before it (`docs/plan.md`, "Blocks").
@Suite struct BlockOrderTests {
  /// What the program did with one picture.
  private struct Done {
    var runs: [Range<Int>] = []
    var asked: [Int] = []
    var payload: [UInt8] = []
    var local: Int32 = -1
    /// Runs before each question.
    var runsBeforeAsking: [Int] = []
  }

  /// One picture, with a link but nobody who answers.
  private func show(
    _ driver: inout HandDriver, path number: Int, linkIsUp: Bool = true
  ) throws -> Done {
    var done = Done()
    var now: UInt64 = 1
    if linkIsUp { _ = try driver.tell(.linkUp, at: now) }
    var actions = try driver.show(number, at: now)
    var answer = actions.answer
    while let work = actions.work {
      switch work {
      case .run(let operators): done.runs.append(operators)
      case .ask(let exit):
        done.asked.append(exit)
        done.runsBeforeAsking.append(done.runs.count)
      case .code: break
      }
      now += 10
      actions = try driver.end(work, at: now)
      if let send = actions.send {
        done.payload += try driver.frames(send).flatMap(\.payload)
        if actions.work == nil { actions = try driver.tell(.sent, at: now) }
      }
      answer = answer ?? actions.answer
    }
    if answer == nil { answer = try driver.tell(.linkLost, at: now).answer }
    done.local = try #require(answer).local
    return done
  }

  private static let cases: [(FixtureBundle, Int)] = [
    (.mcunet, 0), (.edgeOnly, 0), (.deepcod, 0), (.spinn, 0), (.spinn, 1), (.spinn, 2), (.tiny, 0),
  ]

  @Test(arguments: cases, [true, false])
  func operatorsRunInOrder(_ place: (FixtureBundle, Int), overlaps: Bool) throws {
    for linkIsUp in [true, false] {
      var settings = DeviceSettings()
      settings.path = place.1
      settings.overlaps = overlaps
      var driver = try HandDriver(settings, bundle: place.0)
      for picture in 0..<4 {
        let done = try show(&driver, path: picture, linkIsUp: linkIsUp)
        for (first, second) in zip(done.runs, done.runs.dropFirst()) {
          #expect(first.upperBound <= second.lowerBound, "\(done.runs)")
        }
      }
    }
  }

  /// A path whose own answer comes before what it sends, because an earlier path has it first.
  @Test func anAnswerThatComesBeforeWhatIsSent() throws {
    func done(_ edit: (inout [String: Any]) -> Void) throws -> [Done] {
      var driver = try HandDriver(editing: edit)
      return try (0..<4).map { try show(&driver, path: $0) }
    }
    let offload = try done { _ in }
    let behind = try done { manifest in
      let paths = manifest["paths"] as? [[String: Any]] ?? []
      let exit: [String: Any] = ["where": "device", "tensor": "localLogits"]
      manifest["paths"] = [["name": "alone", "device": "device", "exits": [exit]]] + paths
    }
    for (one, other) in zip(offload, behind) {
      #expect(one.runs.count > 1 && other.runs.count == 1)
      #expect(other.runs.first?.lowerBound == 0)
      #expect(one.payload == other.payload && one.local == other.local)
    }
  }

  /// An exit on the way to what is sent is asked before the operators behind it run.
  @Test func exitsAreAskedOnTheWay() throws {
    var settings = DeviceSettings()
    settings.path = 2
    var driver = try HandDriver(settings, bundle: .spinn) { manifest in
      manifest.changeEach("paths") { path in
        path.changeEach("exits") { if $0["threshold"] != nil { $0["threshold"] = 1 } }
      }
    }
    let unsure = try show(&driver, path: 0)
    #expect(unsure.asked == [0, 1])
    #expect(unsure.runsBeforeAsking[0] < unsure.runsBeforeAsking[1])
    #expect(!unsure.payload.isEmpty)
    driver = try HandDriver(settings, bundle: .spinn) { manifest in
      manifest.changeEach("paths") { path in
        path.changeEach("exits") { if $0["threshold"] != nil { $0["threshold"] = 0 } }
      }
    }
    let sure = try show(&driver, path: 0)
    #expect(sure.asked == [0] && sure.payload.isEmpty)
    // The deep features are not computed for an answer that needs none.
    #expect(sure.runs == Array(unsure.runs.prefix(unsure.runsBeforeAsking[0])))
    #expect(sure.runs.last?.upperBound ?? 0 < unsure.runs.last?.upperBound ?? 0)
  }
}
