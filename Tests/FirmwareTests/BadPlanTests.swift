import FirmwareBench
import PlanCompiler
import SeededRandom
import Testing

/// What the chip cannot run it refuses with a code of its own, and writes nothing anywhere.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct BadPlanTests {
  private let bench: ChipBench
  private let model: FirmwareModel

  init() throws {
    bench = try FirmwareUnderTest.bench.get()
    model = try #require(CommittedModels.all.first).compiled()
  }

  /// The statuses of jobs that all must leave memory as it was.
  private func statuses(_ jobs: [BenchJob]) throws -> [FirmwareStatus] {
    let results = try bench.run(jobs).results
    for result in results {
      #expect(result.strayWords == 0)
      #expect(result.outputs.isEmpty && result.events.isEmpty)
    }
    return results.map(\.status)
  }

  private func changed(_ offset: Int, to bytes: [UInt8], sealed: Bool = false) -> BenchJob {
    var image = model.plan.image
    image.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    if sealed { seal(&image) }
    return BenchJob(plan: image)
  }

  /// A word of the plan's image.
  private func word(_ offset: Int) -> Int {
    model.plan.image[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Makes the checksum right again, by the table-free definition of CRC-32.
  private func seal(_ image: inout [UInt8]) {
    var crc: UInt32 = .max
    for byte in image[..<12] + image[16...] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    withUnsafeBytes(of: (~crc).littleEndian) { image.replaceSubrange(12..<16, with: $0) }
  }

  @Test func theHelperThatSealsIsRight() throws {
    var image = model.plan.image
    seal(&image)
    #expect(image == model.plan.image)
  }

  @Test func truncatedPlans() throws {
    let count = model.plan.image.count
    let lengths = [0, 1, 4, 127, 128, 129, count / 2, count - 16, count - 1]
    let jobs = lengths.map { BenchJob(plan: Array(model.plan.image[..<$0])) }
    #expect(try statuses(jobs) == lengths.map { _ in .planTruncated })
  }

  @Test func flippedBits() throws {
    let count = model.plan.image.count
    let offsets = [16, 48, 76, 100, 128, 200, count / 3, count / 2, count - 1]
    let jobs = offsets.map { changed($0, to: [model.plan.image[$0] ^ 0x10]) }
    #expect(try statuses(jobs) == offsets.map { _ in .planChecksum })
  }

  @Test func eachPartOfTheHeader() throws {
    let tensors = word(60)
    let operators = word(56)
    let jobs: [(BenchJob, FirmwareStatus)] = [
      (changed(0, to: [0x42]), .notAPlan),
      (changed(4, to: [9, 0]), .planVersion),
      (changed(8, to: [0xFF, 0xFF, 0xFF, 0x7F]), .planHeader),
      (changed(12, to: [model.plan.image[12] ^ 1]), .planChecksum),
      (changed(120, to: [1], sealed: true), .planHeader),
      (changed(48, to: [0, 0, 0, 0], sealed: true), .planTensor),
      (changed(tensors + 16, to: [7], sealed: true), .planTensor),
      (changed(operators, to: [99], sealed: true), .planOperator),
      (changed(operators + 20, to: [0, 0, 0, 1], sealed: true), .planOperator),
      (changed(word(72), to: [0, 0, 0, 0], sealed: true), .planBlocks),
      (changed(word(88) + 3, to: [1], sealed: true), .planSend),
      (changed(word(92) + 1, to: [1], sealed: true), .planExit),
      (changed(word(84) + 1, to: [1], sealed: true), .planPath),
    ]
    #expect(try statuses(jobs.map(\.0)) == jobs.map(\.1))
  }

  /// The alphabet of the first send shrinks to one symbol.
  @Test func symbolsOutsideTheAlphabet() throws {
    #expect(try statuses([changed(word(88) + 14, to: [1, 0], sealed: true)]) == [.planSend])
  }

  /// The coder's tables are the coder's to check.
  @Test func tablesThatAreNone() throws {
    let committed = try #require(CommittedModels.offloading.first)
    let plan = try BundleVariant.range(of: committed).compiled().plan.image
    let send = plan[88..<92].reversed().reduce(0) { $0 << 8 | Int($1) }
    let tables = plan[(send + 16)..<(send + 20)].reversed().reduce(0) { $0 << 8 | Int($1) }
    var random = SplitMix64(seed: 9)
    let length = plan[(send + 20)..<(send + 24)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let jobs = (0..<60).map { number in
      var image = plan
      let offset = number < 32 ? number : Int.random(in: 32..<length, using: &random)
      image[tables + offset] ^= 0x81
      seal(&image)
      return BenchJob(plan: image)
    }
    // Some bits may be others and the tables as good; none is a fault, and none writes anywhere.
    let results = try bench.run(jobs).results
    #expect(results.allSatisfy { $0.status == .ok || $0.status == .coderTables })
    #expect(results.filter { $0.status == .coderTables }.count > 20)
    #expect(results.allSatisfy { $0.strayWords == 0 })
  }

  @Test func anArenaThatIsTooSmallOrUnaligned() throws {
    func job(shift: Int = 0, bytes: Int? = nil) -> BenchJob {
      var job = BenchJob(plan: model.plan.image)
      job.poolShift = shift
      job.poolBytes = bytes
      return job
    }
    #expect(
      try statuses([1, 2, 4, 8].map { job(shift: $0, bytes: 65536) })
        == [.poolMisaligned, .poolMisaligned, .poolMisaligned, .poolMisaligned])
    let arena = model.plan.arenaSize
    #expect(
      try statuses([16, arena - 16, arena - 1].map { job(bytes: $0) })
        == [.poolTooSmall, .poolTooSmall, .poolTooSmall])
  }

  /// Byte for byte: what the program holds fits, and one byte less does not.
  @Test func thePoolThatIsJustEnough() throws {
    let images = model.randomInputs(1, seed: 3)
    var job = model.job(inputs: images)
    job.events = try model.exchange(images).map(BenchEvent.init)
    let roomy = try #require(try bench.run([job]).results.first)
    let end = [roomy.arena, roomy.workspace, roomy.transmit, roomy.receive]
      .map { $0.offset + $0.byteCount }.max()
    job.poolBytes = try #require(end) - roomy.poolOffset
    let tight = try #require(try bench.run([job]).results.first)
    #expect(tight.status == .ok)
    #expect(tight.strayWords == 0)
    #expect(tight.outputs == roomy.outputs)
    #expect(tight.events == roomy.events)
    job.poolBytes = try #require(job.poolBytes) - 1
    #expect(try statuses([job]) == [.poolTooSmall])
  }

  @Test func aPlanLargerThanFlash() throws {
    let code = try FirmwareFigures(of: bench, stackUsed: 0).code
    let room = (1 << 20) - code
    #expect(
      try statuses([BenchJob(plan: Array(repeating: 0, count: room + 1))])
        == [.planLargerThanFlash])
    // 1 KiB is more than what lies between code and plan; zeros are no plan.
    #expect(
      try statuses([BenchJob(plan: Array(repeating: 0, count: room - 1024))]) == [.notAPlan])
  }

  /// Stores that the wall must stop: flash, what lies on either side of SRAM, the bench's memory,
  /// the core's registers; and stores that it must not.
  @Test func storesOutsideTheChip() throws {
    func job(poke: UInt32) -> BenchJob {
      var job = BenchJob()
      job.poke = poke
      return job
    }
    let outside: [UInt32] = [
      0x0000_0040, 0x0010_0000, 0x1FFF_FFFC, 0x2005_0000, 0x2007_FFFC, 0x6000_0000, 0x6080_0000,
      0xE000_ED94,
    ]
    let results = try bench.run(outside.map { job(poke: $0) }).results
    #expect(results.allSatisfy { $0.strayWords == 0 })
    for (address, result) in zip(outside, results) {
      #expect(result.status == .fault)
      #expect(result.fault.address == address)
      #expect(result.fault.instruction != 0)
    }
    // Inside they are let through; the paint shows those that nobody should have made.
    let inside: [UInt32] = [0x2000_0000, 0x2000_8000, 0x2004_FFFC]
    let stores = try bench.run(inside.map { job(poke: $0) }).results
    #expect(stores.map(\.status) == [.ok, .ok, .ok])
    #expect(stores.map(\.strayWords) == [0, 1, 1])
  }

  @Test func aStackThatGrowsOutOfMemory() throws {
    var shallow = BenchJob()
    shallow.recursion = 4
    var deep = BenchJob()
    deep.recursion = 1_000_000
    // The bench goes on after the fault.
    let report = try bench.run([deep, shallow, model.job(inputs: model.randomInputs(1, seed: 4))])
    #expect(report.results.map(\.status) == [.fault, .ok, .ok])
    #expect(report.results[0].stackUsed > report.results[1].stackUsed)
    #expect(report.exitStatus == Int32(FirmwareStatus.fault.rawValue))
  }

  @Test func theExitStatusIsTheFirstFailures() throws {
    let good = model.job(inputs: model.randomInputs(1, seed: 5))
    let notAPlan = changed(0, to: [0])
    let checksum = changed(12, to: [model.plan.image[12] ^ 1])
    #expect(try bench.run([good]).exitStatus == 0)
    #expect(try bench.run([good, checksum, notAPlan]).exitStatus == 14)
    #expect(try bench.run([notAPlan, good, checksum]).exitStatus == 12)
  }
}
