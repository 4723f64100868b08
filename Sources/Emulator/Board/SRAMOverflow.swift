public import ExitStatus

/// The device program asked for more SRAM than the board has.
///
/// Its description is one line and then the map of who holds what, with those that found no place
/// at the end.
public struct SRAMOverflow: Error, Equatable, Sendable {
  /// Bytes of SRAM.
  public let capacity: Int
  /// Who holds what, by offset.
  public let tenants: [SRAMTenant]
  /// What found no place; at least one.
  public let refused: [SRAMRequest]
  /// Bytes of the largest free piece.
  public let largestGap: Int

  /// Bytes that all tenants and all that were refused ask for together.
  public var needed: Int {
    let sizes = tenants.map(\.byteCount) + refused.map(\.byteCount)
    return sizes.reduce(0) { sum, size in
      let (next, overflow) = sum.addingReportingOverflow(max(0, size))
      return overflow ? Int.max : next
    }
  }

  /// The first line of the description.
  public var summary: String {
    let names = refused.map { "\($0.name) (\($0.byteCount) bytes)" }.joined(separator: ", ")
    return "the model does not fit into SRAM: no room for \(names); "
      + "\(needed) bytes are needed in all, \(capacity) there are, the largest free piece has "
      + "\(largestGap)"
  }
}

extension SRAMOverflow: CustomStringConvertible {
  public var description: String {
    summary + "\n" + SRAMMap(capacity: capacity, tenants: tenants, refused: refused).description
  }
}

extension SRAMOverflow: ExitStatusProviding {
  public var exitStatus: Int32 { ExitStatus.badData.rawValue }
}
