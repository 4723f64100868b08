import BundleFormat
import DeviceCore
import FeatureCoding
import Foundation
import MCUKernels
import OffloadWire
import PlanCompiler
import SeededRandom
import TestBundles
import Testing

/// Drives the device program by hand, on the tiny bundle or another: the test is core, radio, server and clock.
struct HandDriver {
  private let image: Image
  let memory: Image.Pool
  var core: DeviceCore
  /// What came of the last piece of work.
  private(set) var done = DeviceWorkDone()

  /// A piece of memory that lives as long as the driver.
  final class Image {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
      bytes = .allocate(byteCount: max(count, 16), alignment: 16)
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { bytes.deallocate() }

    typealias Pool = Image
  }

  /// - Parameter edit: changes the manifest before it is read.
  init(
    _ settings: DeviceSettings = DeviceSettings(), bundle: FixtureBundle = .tiny,
    editing edit: (inout [String: Any]) -> Void = { _ in }
  ) throws {
    let compiled = try Self.compile(bundle, editing: edit)
    image = Image(compiled.image.count)
    image.bytes.copyBytes(from: compiled.image)
    let plan = try Plan(
      image: UnsafeRawBufferPointer(rebasing: image.bytes[..<compiled.image.count]))
    memory = Image(327_680)
    var pool = try #require(MemoryPool(memory.bytes))
    core = try DeviceCore(
      plan: plan, memory: #require(DeviceMemory(.init(of: plan), from: &pool)),
      settings: settings)
  }

  private static func compile(
    _ bundle: FixtureBundle, editing edit: (inout [String: Any]) -> Void
  ) throws -> CompiledPlan {
    try bundle.edited(edit) { bundle in
      let input = bundle.manifest.input
      return try PlanCompiler.compile(bundle: bundle, camera: (input.width, input.height))
    }
  }

  mutating func tell(_ event: DeviceEvent, at now: Microseconds) throws -> DeviceActions {
    try core.handle(event, at: now)
  }

  /// Puts a picture of noise before the camera and says so.
  mutating func show(_ number: Int, at now: Microseconds) throws -> DeviceActions {
    var generator = SplitMix64(seed: UInt64(number) + 77)
    let camera = core.camera
    for index in 0..<camera.byteCount {
      core.memory.arena[camera.offset + index] = UInt8.random(in: 0...255, using: &generator)
    }
    return try tell(.image, at: now)
  }

  /// Performs the work and says that it has ended.
  mutating func end(_ work: DeviceWork, at now: Microseconds) throws -> DeviceActions {
    done = try core.perform(work)
    return try tell(.workDone, at: now)
  }

  /// Ends one piece of work after another until there is something to send, and gives its frames.
  mutating func untilSent(_ first: DeviceActions, at now: Microseconds) throws -> [SentFrame] {
    var actions = first
    while actions.send == nil, let work = actions.work { actions = try end(work, at: now) }
    return try frames(#require(actions.send))
  }

  /// The frames of a transmission.
  func frames(_ range: Range<Int>) throws -> [SentFrame] {
    try SentFrame.all(in: Array(core.memory.transmit[range]))
  }

  /// A prediction comes in.
  mutating func receive(
    id: UInt32, logits: [Int8], symbolsUsed: UInt32, at now: Microseconds,
    times: (queue: UInt32, decode: UInt32, run: UInt32) = (0, 0, 0)
  ) throws -> DeviceActions {
    let frame = try logits.withUnsafeBytes { bytes in
      try Prediction(
        id: id, symbolsUsed: symbolsUsed, scale: 0.5, queueMicroseconds: times.queue,
        decodeMicroseconds: times.decode, runMicroseconds: times.run, logits: bytes
      ).encoded()
    }
    return try receive(frame, at: now)
  }

  mutating func receive(_ frame: [UInt8], at now: Microseconds) throws -> DeviceActions {
    core.memory.receive.copyBytes(from: frame)
    return try tell(.received(bytes: frame.count), at: now)
  }
}

/// A frame that the device sent.
enum SentFrame: Equatable {
  case infer(id: UInt32, path: UInt8, timeLeft: UInt32?)
  case chunk(id: UInt32, payload: [UInt8])
  case end(id: UInt32, symbols: UInt32?, payload: [UInt8])
  case cancel(id: UInt32)

  static func all(in bytes: [UInt8]) throws -> [SentFrame] {
    var frames: [SentFrame] = []
    try bytes.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard case .frame(let header) = try Framer(maximumBodyLength: 1 << 20).next(in: rest)
        else { throw WireError.truncated(expected: 0, found: rest.count) }
        frames.append(
          try SentFrame(header.type, UnsafeRawBufferPointer(rebasing: rest[header.body])))
        start += header.frameSize
      }
    }
    return frames
  }

  private init(_ type: FrameType, _ body: UnsafeRawBufferPointer) throws {
    switch type {
    case .infer:
      let infer = try Infer(decoding: body)
      self = .infer(id: infer.id, path: infer.path, timeLeft: infer.timeLeft)
    case .chunk:
      let chunk = try Chunk(decoding: body)
      self = .chunk(id: chunk.id, payload: Array(chunk.payload))
    case .end:
      let end = try End(decoding: body)
      self = .end(id: end.id, symbols: end.symbolCount, payload: Array(end.payload))
    case .cancel: self = .cancel(id: try Cancel(decoding: body).id)
    default: throw WireError.unknownType(type.rawValue)
    }
  }

  /// The payload bytes of a chunk or an end.
  var payload: [UInt8] {
    switch self {
    case .chunk(_, let payload), .end(_, _, let payload): payload
    case .infer, .cancel: []
    }
  }
}
