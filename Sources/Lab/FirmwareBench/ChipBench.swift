public import Foundation

/// The firmware under QEMU: plans and inputs in, outputs, marks and counts out.
public struct ChipBench: Sendable {
  /// The folder that `scripts/firmware` wrote.
  public let folder: URL
  let image: String
  private let counter: String
  private let interruption: Interruption?

  /// `$AGILENN_FIRMWARE`, else where `scripts/firmware` builds unless told otherwise.
  public static func defaultFolder(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    if let named = environment["AGILENN_FIRMWARE"], !named.isEmpty {
      return URL(fileURLWithPath: named, isDirectory: true)
    }
    let cache = environment["AGILENN_CACHE"].map { URL(fileURLWithPath: $0, isDirectory: true) }
    let standard = FileManager.default.homeDirectoryForCurrentUser
      .appendingPathComponent(".cache/agilenn", isDirectory: true)
    return (cache ?? standard).appendingPathComponent("firmware", isDirectory: true)
  }

  /// - Parameter interruption: what ends a run early; nil where signals are not for the bench.
  /// - Throws: ``BenchError/noFirmware(path:)``.
  public init(
    folder: URL = ChipBench.defaultFolder(), interruption: Interruption? = nil
  ) throws(BenchError) {
    self.folder = folder
    self.interruption = interruption
    image = folder.appendingPathComponent("firmware.elf").path
    counter = folder.appendingPathComponent("counter.so").path
    guard FileManager.default.isReadableFile(atPath: image) else {
      throw .noFirmware(path: image)
    }
  }

  /// What a run of the bench gave.
  public struct Report: Sendable {
    /// One for each job, in their order.
    public let results: [BenchResult]
    /// One for each job; empty unless they were asked for.
    public let counts: [InstructionCounts]
    /// QEMU's exit status: that of the first job that failed, else 0.
    public let exitStatus: Int32
  }

  /// Runs jobs one after another in one process.
  ///
  /// - Parameter counting: whether instructions are counted, which takes longer.
  /// - Throws: ``BenchError``.
  public func run(_ jobs: [BenchJob], counting: Bool = false) throws(BenchError) -> Report {
    interruption?.begin()
    let outcome = Result { () throws(BenchError) in
      try runInFolder(jobs, counting: counting)
    }
    try interruption?.end()
    return try outcome.get()
  }

  private func runInFolder(_ jobs: [BenchJob], counting: Bool) throws(BenchError) -> Report {
    let work = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-bench-\(UUID().uuidString)", isDirectory: true)
    defer { try? FileManager.default.removeItem(at: work) }
    var contents: [UInt8] = []
    for job in jobs { job.append(to: &contents) }
    do {
      try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
      try Data(contents).write(to: work.appendingPathComponent("jobs"))
    } catch {
      throw .unreadable(work.path)
    }
    var arguments = [
      "-M", "mps2-an500", "-display", "none", "-monitor", "none", "-serial", "none",
      "-kernel", image, "-semihosting-config",
      "enable=on,target=native,arg=jobs,arg=results",
    ]
    if counting {
      let symbols = try ELFSymbols(path: image)
      let mark = try symbols.address(of: "bench_mark") & ~1
      let marks = try symbols.address(of: "bench_marks")
      // A comma in an option of QEMU's is written twice.
      let plugin = counter.replacingOccurrences(of: ",", with: ",,")
      arguments += ["-plugin", "\(plugin),out=counts,mark=\(mark),marks=\(marks)"]
    }
    let (status, message) = try run("qemu-system-arm", arguments, in: work)
    let isJobStatus = FirmwareStatus(rawValue: UInt32(bitPattern: status)).map {
      $0.rawValue < FirmwareStatus.benchFiles.rawValue
    }
    var results: [BenchResult] = []
    var reader = WordReader(read("results", in: work) ?? [])
    guard isJobStatus == true else { throw .ended(status: status, message: message) }
    while !reader.isAtEnd { results.append(try BenchResult(from: &reader)) }
    guard results.count == jobs.count else {
      throw .ended(status: status, message: "\(results.count) results for \(jobs.count) jobs")
    }
    var counts: [InstructionCounts] = []
    if counting {
      guard let text = read("counts", in: work) else {
        throw .malformedResults("no counts")
      }
      counts = try InstructionCounts.parse(String(decoding: text, as: UTF8.self))
      guard counts.count == jobs.count else { throw .malformedResults("counts of other jobs") }
    }
    return Report(results: results, counts: counts, exitStatus: status)
  }

  func read(_ name: String, in folder: URL) -> [UInt8]? {
    (try? Data(contentsOf: folder.appendingPathComponent(name))).map { [UInt8]($0) }
  }

  /// Seconds that one process of the bench may take.
  private static let timeLimit = 900

  private func run(
    _ program: String, _ arguments: [String], in folder: URL
  ) throws(BenchError) -> (status: Int32, message: String) {
    guard let path = Self.locate(program) else { throw .noProgram(program) }
    try interruption?.check()
    let process = Process()
    process.executableURL = path
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw .noProgram(program)
    }
    // A firmware that never ends is ended. Nothing less than KILL: QEMU inherits the signals that the
    // thread which starts it has blocked, TERM among them.
    let identifier = process.processIdentifier
    let end = DispatchWorkItem { kill(identifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.timeLimit), execute: end)
    defer { end.cancel() }
    interruption?.watch(identifier)
    defer { interruption?.watch(nil) }
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let lines = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline)
    let message = lines.first.map(String.init) ?? ""
    guard process.terminationReason == .exit else {
      throw .killed(signal: process.terminationStatus, message: message)
    }
    return (process.terminationStatus, message)
  }

  /// Whether the emulator is to be had.
  public static var hasEmulator: Bool { locate("qemu-system-arm") != nil }

  private static func locate(_ program: String) -> URL? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent(program) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}
