public import FeatureCoding
public import MCUKernels
public import OffloadWire

/// Why the device program cannot run a plan, or cannot go on.
public enum DeviceFault: Error, Equatable, Sendable {
  /// The plan's image is none.
  case plan(PlanError)
  /// The memory does not start at a multiple of 16.
  case misalignedMemory
  /// What the program must hold does not fit the memory that it is given.
  case outOfMemory
  /// The plan has no camera's image, or no path.
  case unusablePlan
  /// There is no path of this number, or the scheme finds none that it can take.
  case noPath
  /// The features cannot be coded.
  case coding(CodingError)
  /// A frame cannot be built.
  case wire(WireError)
  /// Work was asked for that the program did not give out: a driver's mistake.
  case outOfTurn
}
