import FirmwareBench
import Foundation
import OffloadWire
import SeededRandom
import Testing

/// The chip combines the server's answer with its own as the emulated device does, float for float.
@Suite(.enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct AnswerTests {
  private static let identifier: UInt32 = 7

  private struct Remote {
    var scale: Float
    var logits: [Int8]
    var complete = true

    func frame(id: UInt32) throws -> [UInt8] {
      try logits.withUnsafeBytes { bytes in
        try Prediction(
          id: id, complete: complete, scale: scale, queueMicroseconds: 1, decodeMicroseconds: 2,
          runMicroseconds: 3, logits: bytes
        ).encoded()
      }
    }
  }

  /// Of every magnitude, and such that the two sides often come near each other.
  private func remotes(_ count: Int, classes: Int) -> [Remote] {
    var random = SplitMix64(seed: 11)
    return (0..<count).map { index in
      Remote(
        scale: exp2(Float.random(in: index % 2 == 0 ? -4...0 : -30...30, using: &random)),
        logits: (0..<classes).map { _ in
          Int8.random(in: index % 3 == 0 ? -2...2 : -127...127, using: &random)
        }, complete: index % 5 != 0)
    }
  }

  @Test(arguments: CommittedModels.all)
  func combinedLocalAndRemoteAreEqual(_ committed: CommittedModels.Model) throws {
    let bench = try FirmwareUnderTest.bench.get()
    let model = try committed.compiled()
    let outputs = model.plan.outputs
    guard let local = outputs.firstIndex(where: { $0.name == "localLogits" }),
      outputs.contains(where: { $0.name == "features" })
    else { return }
    let start = outputs[..<local].reduce(0) { $0 + $1.byteCount }
    let classes = outputs[local].byteCount
    let images = try committed.images(50) + model.randomInputs(150, seed: 12)
    let remotes = remotes(images.count, classes: classes)
    var job = model.job(inputs: images)
    job.firstIdentifier = Self.identifier
    job.answers = try remotes.enumerated().map {
      try $1.frame(id: Self.identifier + UInt32($0))
    }
    let result = try #require(try bench.run([job]).results.first)
    try #require(result.status == .ok)
    try #require(result.inferences.count == images.count)
    #expect(result.strayWords == 0)
    #expect(result.stackUsed <= (try FirmwareUnderTest.recordedFigures().stackUsed))
    var disagreements = 0
    for (inference, remote) in zip(result.inferences, remotes) {
      let bytes = inference.outputs[start..<(start + classes)].map { Int8(bitPattern: $0) }
      let expected = try expected(
        local: bytes, scale: #require(outputs[local].scale),
        zeroPoint: #require(outputs[local].zeroPoint), remote: remote,
        alpha: committed.bundle.manifest.alpha)
      #expect(inference.answer == expected)
      if expected.combined != expected.local && expected.combined != expected.remote {
        disagreements += 1
      }
    }
    #expect(disagreements > 0, "some answers come from both sides together")
  }

  private func expected(
    local: [Int8], scale: Float, zeroPoint: Int, remote: Remote, alpha: Float?
  ) -> BenchResult.Answer {
    local.withUnsafeBufferPointer { local in
      remote.logits.withUnsafeBufferPointer { logits in
        let ours = Combination.Logits(local, scale: scale, zeroPoint: Int32(zeroPoint))
        let theirs = Combination.Logits(logits, scale: remote.scale, zeroPoint: 0)
        return BenchResult.Answer(
          combined: alpha.flatMap { Combination.argmax(local: ours, remote: theirs, alpha: $0) },
          local: ours.argmax(), remote: theirs.argmax(), complete: remote.complete)
      }
    }
  }

  @Test func whatIsNoAnswerIsRefused() throws {
    let bench = try FirmwareUnderTest.bench.get()
    let committed = try #require(
      CommittedModels.all.first { $0.bundle.manifest.scheme == "agilenn" })
    let model = try committed.compiled()
    let classes = committed.bundle.manifest.labels.count
    let good = Remote(scale: 1, logits: Array(repeating: 3, count: classes))
    var fewer = good
    fewer.logits.removeLast()
    var infinite = good
    infinite.scale = .greatestFiniteMagnitude
    let frame = try good.frame(id: Self.identifier)
    var longer = frame
    longer[4] += 1
    let error = try Array("no".utf8).withUnsafeBytes { message in
      try ErrorFrame(code: .internalFailure, message: message).encoded()
    }
    let bad = [
      try good.frame(id: Self.identifier + 1), try fewer.frame(id: Self.identifier),
      try infinite.frame(id: Self.identifier), Array(frame.dropLast()), frame + [0], longer, error,
      [8], Array(repeating: 0xFF, count: 40),
    ]
    let results = try bench.run(
      try ([frame] + bad).map { answer in
        var job = model.job(inputs: try committed.images(1))
        job.firstIdentifier = Self.identifier
        job.answers = [answer]
        return job
      }
    ).results
    #expect(results.map(\.status) == [.ok] + bad.map { _ in .answer })
    #expect(results.allSatisfy { $0.strayWords == 0 })
  }
}
