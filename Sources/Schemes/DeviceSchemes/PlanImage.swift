public import MCUKernels

/// A plan and the memory that its image lies in: the stand-in for the chip's flash.
public final class PlanImage: Sendable {
  public let plan: Plan
  /// Bytes of flash that it takes.
  public let byteCount: Int
  private let storage: Storage

  /// - Throws: `PlanError` where the image is not a plan.
  public init(_ image: [UInt8]) throws(PlanError) {
    storage = Storage(copying: image)
    plan = try Plan(image: UnsafeRawBufferPointer(storage.bytes))
    byteCount = image.count
  }

  /// The sizes of each operator, in the order in which they run.
  public var geometries: [OperatorGeometry] {
    (0..<plan.operatorCount).map(plan.geometry(ofOperator:))
  }

  /// Written once, when it is made; freed when nobody can hold a view of it any more.
  private final class Storage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(copying image: [UInt8]) {
      bytes = .allocate(byteCount: image.count, alignment: 16)
      bytes.copyBytes(from: image)
    }

    deinit {
      bytes.deallocate()
    }
  }
}
