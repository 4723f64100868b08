public import DeviceCore
public import MCUKernels

/// The device program on the host, driven by hand: by a test that says what happens and when.
///
/// Work is performed as soon as it is given out; when the core ends it is the caller's to say. All
/// that happens is recorded, and can be replayed on the chip.
public final class CoreDriver {
  public let plan: Plan
  public private(set) var core: DeviceCore
  public private(set) var trace: [TracedEvent] = []
  private let host: HostPlan
  private let pieces: [UnsafeMutableRawBufferPointer]

  /// - Throws: `PlanError`, `DeviceFault`.
  public init(_ image: [UInt8], settings: DeviceSettings = DeviceSettings()) throws {
    host = try HostPlan(image)
    plan = host.plan
    let sizes = try DeviceMemory.Sizes(of: plan)
    pieces = [sizes.arena, sizes.workspace, sizes.transmit, sizes.receive].map { size in
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
      piece.initializeMemory(as: UInt8.self, repeating: 0)
      return piece
    }
    do {
      core = try DeviceCore(
        plan: plan,
        memory: DeviceMemory(
          arena: pieces[0], workspace: pieces[1], transmit: pieces[2], receive: pieces[3]),
        settings: settings)
    } catch {
      for piece in pieces { piece.deallocate() }
      throw error
    }
  }

  deinit { for piece in pieces { piece.deallocate() } }

  /// Tells the program what has happened, performs the work that it gives out, and records both.
  ///
  /// - Parameter bytes: the image's pixels, or the frame that is received.
  @discardableResult
  public func tell(
    _ event: DeviceEvent, at instant: Microseconds, bytes: [UInt8] = []
  ) -> TracedEvent {
    var traced = TracedEvent(event, at: instant, bytes: bytes)
    load(traced)
    do throws(DeviceFault) {
      traced.actions = try core.handle(event, at: instant)
      traced.holdsReceived = core.holdsPrediction
      if let send = traced.actions.send { traced.sent = Array(core.memory.transmit[send]) }
    } catch {
      traced.fault = error
    }
    if let work = traced.actions.work {
      do throws(DeviceFault) {
        traced.done = try core.perform(work)
      } catch {
        traced.workFault = error
      }
    }
    trace.append(traced)
    return traced
  }

  /// The image or the frame to where the program expects it; what does not fit is dropped.
  private func load(_ event: TracedEvent) {
    let room: UnsafeMutableRawBufferPointer
    switch event.event {
    case .image:
      let camera = core.camera
      room = UnsafeMutableRawBufferPointer(
        rebasing: core.memory.arena[camera.offset..<(camera.offset + camera.byteCount)])
    case .received: room = core.memory.receive
    default: return
    }
    let count = min(room.count, event.bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: room[..<count]).copyBytes(from: event.bytes[..<count])
  }
}
