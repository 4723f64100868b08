import FirmwareABI
import MCUKernels
import OffloadWire

/// What the chip does with one plan: run it and put its features on the wire.
///
/// Memory is divided when it is made; nothing is allocated later.
public struct DeviceProgram {
  public let plan: Plan
  public let arena: UnsafeMutableRawBufferPointer
  /// nil where the plan has no features to send.
  public var sender: FeatureSender?
  let receive: UnsafeMutableRawBufferPointer

  /// - Parameters:
  ///   - image: the plan's bytes in flash.
  ///   - memory: all SRAM that is neither stack nor static data.
  init(
    image: UnsafeRawBufferPointer, memory: UnsafeMutableRawBufferPointer
  ) throws(FirmwareStatus) {
    guard var pool = MemoryPool(memory) else {
      throw FirmwareStatus(FIRMWARE_POOL_MISALIGNED)
    }
    let plan: Plan
    do throws(PlanError) {
      plan = try Plan(image: image)
    } catch {
      throw FirmwareStatus(error)
    }
    self.plan = plan
    guard let arena = pool.take(plan.arenaSize) else {
      throw FirmwareStatus(FIRMWARE_POOL_TOO_SMALL)
    }
    self.arena = arena
    guard let features = plan.outputIndex(role: .features) else {
      sender = nil
      receive = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      return
    }
    sender = try FeatureSender(plan.output(features), of: plan, in: arena, from: &pool)
    // A server answers with one logit for each class, as many as the local network has.
    let classes = plan.outputIndex(role: .localLogits).map { plan.output($0).byteCount } ?? 0
    guard let receive = pool.take(WireProtocol.maximumAnswerSize(classes: classes)) else {
      throw FirmwareStatus(FIRMWARE_POOL_TOO_SMALL)
    }
    self.receive = receive
  }

  func run() throws(FirmwareStatus) {
    do throws(PlanError) {
      try plan.run(arena: arena)
    } catch {
      throw FirmwareStatus(error)
    }
  }

  func run(operator index: Int) throws(FirmwareStatus) {
    do throws(PlanError) {
      try plan.run(operator: index, arena: arena)
    } catch {
      throw FirmwareStatus(error)
    }
  }

  /// Where an input or output lies.
  func bytes(of tensor: PlanTensor) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: arena[tensor.offset..<(tensor.offset + tensor.byteCount)])
  }
}
