import Air
package import Board
import Connection
package import Datasets
package import DeviceCore
package import DeviceSchemes
import MCUKernels
import OffloadWire
import PictureFiles

/// The device program on an emulated board, with a radio and a server: three lanes of emulated time.
///
/// The driver of ``DeviceCore``: it performs the core's work and says how long it takes, carries its
/// transmissions through ``Air`` and, when they are across, over a TCP connection to the server, and
/// tells the program what happens in the order of emulated time. In virtual time nothing is waited
/// for but the server's real answer; in paced time each event happens at its instant on the wall
/// clock.
///
/// The server's clock is kept here as well: it knows nothing of emulated time, so that a request
/// reaches it without the time that it has left, and the instant at which a server would give up
/// waiting for more is the instant at which it is told that the payload is cut.
package final class EmulatedDevice {
  let image: PlanImage
  let timeline: Timeline
  let serverTime: ServerTime
  let replyTimeout: Duration
  private let codec: HostCodec?
  private var board: Board
  private let costs: DeviceCosts
  package internal(set) var core: DeviceCore
  var air: Air?
  var connection: (any ServerConnection)?
  var queue = EmulationQueue()
  private var timer: Microseconds?
  var record = InferenceRecord(start: 0)
  private var answer: (DeviceAnswer, instant: Double)?
  var failure: OffloadFailure?
  /// The request that the server has been told of and has not been asked to answer yet.
  var openRequest: UInt32?
  /// When the server was last sent something, on the wall clock: before it had it.
  var lastSending = 0.0
  /// Takes every event as the device program was told it, and what the program made of it.
  package var trace: ((TracedEvent) -> Void)?

  /// - Parameters:
  ///   - device: compiled and placed.
  ///   - radio: nil for an unshaped link.
  ///   - seed: of the radio's jitter and loss.
  ///   - codec: what makes the picture's file that a path of the bundle sends; nil where none does.
  ///   - replyTimeout: how long a server may really take for an answer.
  package init(
    _ device: PlacedDevice, radio: RadioProfile?, timeline: Timeline, serverTime: ServerTime,
    seed: UInt64, codec: HostCodec? = nil, replyTimeout: Duration = ConnectionLimits().replyTimeout
  ) {
    image = device.image
    board = device.board
    costs = DeviceCosts(of: device.image.plan, preset: device.board.preset)
    core = device.core
    air = radio.map { Air(radio: $0, seed: seed) }
    self.timeline = timeline
    self.serverTime = serverTime
    self.replyTimeout = replyTimeout
    self.codec = codec
  }

  /// There is a connection to a server that has the bundle; it takes the place of an earlier one.
  /// The one that is in use already changes nothing.
  package func use(_ connection: any ServerConnection) async throws {
    guard connection !== self.connection else { return }
    queue.dropLinkEvents()
    openRequest = nil
    if core.linkIsUp { try await tell(.linkLost) }
    self.connection = connection
    try await tell(.linkUp)
  }

  /// Classifies one image.
  ///
  /// - Throws: ``DeviceError`` for an image that the camera cannot have taken.
  package func infer(_ picture: LabelledImage) async throws -> Inference {
    try await finishWork()
    try load(picture)
    // Images begin at whole microseconds, so that what is rounded does not depend on those before.
    await timeline.advance(to: timeline.now.rounded(.up))
    record = InferenceRecord(start: timeline.now)
    answer = nil
    failure = nil
    try await tell(.image, bytes: picture.pixels)
    while answer == nil { try await step() }
    guard let (answer, instant) = answer else { preconditionFailure() }
    await timeline.advance(to: instant)
    return Inference(
      receipt: receipt(for: picture, answer: answer, end: instant), offloadFailure: failure)
  }

  /// Lets the core end what it is still at for an image that is answered: its memory is the next
  /// image's.
  private func finishWork() async throws {
    while core.underway != nil { try await step() }
  }

  /// Lets the next event happen.
  private func step() async throws {
    let next = queue.nextInstant
    if let timer, Double(timer) <= next ?? .infinity {
      self.timer = nil
      await timeline.advance(to: Double(timer))
      try await tell(.timer)
      return
    }
    precondition(next != nil, "the device program waits, and nothing is to come")
    let event = queue.removeFirst()
    await timeline.advance(to: event.instant)
    switch event.kind {
    case .coreDone: try await tell(.workDone)
    case .radioFree: try await tell(.sent)
    case .arrival(let bytes): try await deliver(bytes)
    case .serverDeadline(let request): try await cut(request)
    case .reply(let frame): try await receive(frame)
    case .linkLost:
      queue.dropLinkEvents()
      try await tell(.linkLost)
    }
  }

  /// Tells the device program and does what it says.
  ///
  /// - Parameter bytes: the image's pixels, or the frame that came.
  func tell(_ event: DeviceEvent, bytes: [UInt8] = []) async throws {
    let now = timeline.now
    var traced = TracedEvent(event, at: Microseconds(now.wholeMicroseconds), bytes: bytes)
    let actions: DeviceActions
    do throws(DeviceFault) {
      actions = try core.handle(event, at: traced.instant)
    } catch {
      throw DeviceError.unusableGraph("\(error)")
    }
    traced.actions = actions
    traced.holdsReceived = core.holdsPrediction
    timer = actions.timer
    if let fault = actions.linkFault { await dropConnection(fault, frame: bytes) }
    if let refusal = actions.refusal {
      failure = OffloadFailure(refusal: refusal, frame: bytes)
    }
    if let range = actions.send {
      traced.sent = Array(core.memory.transmit[range])
      transmit(traced.sent, at: now)
    }
    if let work = actions.work { traced.done = try perform(work, at: now) }
    trace?(traced)
    if let answer = actions.answer { conclude(answer, at: now) }
  }

  private func perform(_ work: DeviceWork, at now: Double) throws -> DeviceWorkDone {
    let done: DeviceWorkDone
    try layPicture()
    do throws(DeviceFault) {
      done = try core.perform(work)
    } catch {
      throw DeviceError.unusableGraph("\(error)")
    }
    record.bytes.payload += done.payloadBytes
    let cost = costs.cost(of: work, done)
    let end = now + board.compute(cycles: cost.cycles)
    record.add(cost.stage, .core, from: now, to: end)
    queue.schedule(.coreDone, at: end)
    return done
  }

  /// Makes the picture's file that the device is to send, where the bundle has one of the host's codecs.
  private func layPicture() throws {
    guard let tensor = core.pictureToCode, let codec else { return }
    let pixels = core.memory.arena[tensor.offset..<(tensor.offset + tensor.byteCount)]
      .map { $0 ^ 0x80 }
    let file = try codec.encode(
      Picture(width: tensor.dimension(2), height: tensor.dimension(1), pixels: pixels))
    do {
      try file.withUnsafeBytes { try core.lay(file: $0) }
    } catch {
      throw DeviceError.unusableGraph("\(error)")
    }
  }

  private func transmit(_ bytes: [UInt8], at now: Double) {
    record.bytes.up += bytes.count
    guard let transmission = air?.transmit(bytes: bytes.count, .up, at: now) else {
      queue.schedule(.radioFree, at: now)
      queue.schedule(.arrival(bytes: bytes), at: now)
      return
    }
    record.sends(for: transmission.airMicroseconds)
    record.add(.uplink, .radio, from: now, to: transmission.departure)
    queue.schedule(.radioFree, at: transmission.departure)
    queue.schedule(.arrival(bytes: bytes), at: transmission.arrival)
  }

  private func conclude(_ answer: DeviceAnswer, at now: Double) {
    let cycles = costs.cycles(of: answer)
    let end = now + board.compute(cycles: cycles)
    record.add(.combine, .core, from: now, to: end)
    self.answer = (answer, end)
  }
}
// MARK: - Image and receipt

extension EmulatedDevice {
  /// The camera's work: its image lies in SRAM.
  private func load(_ picture: LabelledImage) throws {
    let camera = core.camera
    let (height, width) = (camera.dimension(0), camera.dimension(1))
    guard picture.width == width, picture.height == height,
      picture.pixels.count == camera.byteCount
    else {
      throw DeviceError.wrongImageSize(
        name: picture.name, width: picture.width, height: picture.height,
        expected: "\(width)x\(height)")
    }
    UnsafeMutableRawBufferPointer(
      rebasing: core.memory.arena[camera.offset..<(camera.offset + camera.byteCount)]
    ).copyBytes(from: picture.pixels)
  }

  private func receipt(
    for picture: LabelledImage, answer: DeviceAnswer, end: Double
  ) -> Receipt {
    func label(_ value: Int32) -> Int? { value < 0 ? nil : Int(value) }
    let total = end - record.start
    let spent = board.energy(
      microseconds: total, sending: record.sending, receiving: record.receiving)
    var energy = Receipt.Energy()
    energy.compute = Int(spent.compute.rounded())
    energy.radio = Int(spent.radio.rounded())
    return Receipt(
      index: picture.index, label: picture.label,
      prediction: .init(
        combined: label(answer.combined), local: label(answer.local),
        remote: label(answer.remote)),
      source: Receipt.Source(answer.source),
      symbols: .init(
        sent: answer.symbolsSent, used: answer.symbolsUsed, all: answer.symbolsAll),
      spans: record.spans(until: end), totalMicroseconds: Int(total.wholeMicroseconds),
      deadlineMicroseconds: core.settings.deadline.map { Int(clamping: $0) }, bytes: record.bytes,
      energy: energy, sramPeak: board.sram.peak, flash: board.flash.used)
  }
}
