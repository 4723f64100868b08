import FeatureCoding
public import MCUKernels
import OffloadWire

/// The SRAM that the device program holds from its first image to its last.
///
/// Nothing is allocated later: the peak is known, and what does not fit is refused before anything
/// runs.
public struct DeviceMemory {
  /// The camera's image and the activations.
  public let arena: UnsafeMutableRawBufferPointer
  /// What the coder works in: LZW's dictionary, a picture's samples; and behind it, where a scheme chooses
  /// among paths, what is known of each.
  public let workspace: UnsafeMutableRawBufferPointer
  /// Coded bytes before they are framed, then two places for what the radio sends: one is filled
  /// while the other is on the air.
  public let transmit: UnsafeMutableRawBufferPointer
  /// One whole frame of the server's.
  public let receive: UnsafeMutableRawBufferPointer

  /// The size of each piece in bytes; 0 for what a plan does not need.
  public struct Sizes: Equatable, Sendable {
    public var arena = 0
    public var workspace = 0
    /// Of the workspace: what is known of the paths.
    var estimates = 0
    public var transmit = 0
    public var receive = 0
  }

  public init(
    arena: UnsafeMutableRawBufferPointer, workspace: UnsafeMutableRawBufferPointer,
    transmit: UnsafeMutableRawBufferPointer, receive: UnsafeMutableRawBufferPointer
  ) {
    self.arena = arena
    self.workspace = workspace
    self.transmit = transmit
    self.receive = receive
  }

  /// Divides a piece of SRAM, each piece at a multiple of 16; nil where they do not fit.
  public init?(_ sizes: Sizes, from pool: inout MemoryPool) {
    guard let arena = pool.take(sizes.arena), let workspace = pool.take(sizes.workspace),
      let transmit = pool.take(sizes.transmit), let receive = pool.take(sizes.receive)
    else { return nil }
    self.init(arena: arena, workspace: workspace, transmit: transmit, receive: receive)
  }
}

extension DeviceMemory.Sizes {
  /// What a plan needs: the most that any of its paths takes.
  ///
  /// - Throws: ``DeviceFault/unusablePlan`` where a path sends what cannot be coded,
  ///   ``DeviceFault/coding(_:)`` where the coder's tables are none, ``DeviceFault/outOfMemory`` where
  ///   a payload might be larger than any device.
  public init(of plan: Plan) throws(DeviceFault) {
    arena = plan.arenaSize
    for number in 0..<plan.pathCount {
      let path = plan.path(number)
      guard let send = path.send else { continue }
      let coding = try PathCoding(send)
      // What is larger fits no device, and its sums would not fit a chip's Int.
      guard coding.codedCapacity <= PlanFormat.sizeLimit else { throw .outOfMemory }
      workspace = max(workspace, coding.workspaceSize)
      transmit = max(
        transmit,
        ((coding.codedCapacity + 15) & ~15)
          + Transmitter.size(payload: PathCoding.payloadRoom))
      receive = WireProtocol.maximumAnswerSize(classes: plan.classCount)
    }
    if plan.scheme == .spinn {
      estimates = PathEstimates.entrySize * plan.pathCount
      workspace = ((workspace + 15) & ~15) + estimates
    }
  }
}
