public import ExitStatus

/// The board's flash: a ledger of what the chip would hold there, placed one after another.
public struct Flash: Equatable, Sendable {
  /// Bytes in all.
  public let capacity: Int
  /// What is placed, by offset.
  public private(set) var map: [FlashTenant] = []

  /// - Parameter capacity: bytes, more than 0.
  public init(capacity: Int) {
    precondition(capacity > 0, "flash of no bytes")
    self.capacity = capacity
  }

  /// Bytes up to the end of the last tenant.
  public var used: Int { map.last.map { $0.offset + $0.byteCount } ?? 0 }

  /// Places a piece at the next multiple of 16.
  ///
  /// - Throws: ``FlashOverflow`` where it does not fit; then nothing is placed.
  public mutating func place(_ name: String, bytes: Int) throws(FlashOverflow) {
    let offset = (used + 15) & ~15
    guard bytes >= 0, offset <= capacity, bytes <= capacity - offset else {
      throw FlashOverflow(capacity: capacity, tenants: map, name: name, byteCount: bytes)
    }
    map.append(FlashTenant(name: name, offset: offset, byteCount: bytes))
  }
}

/// One piece of flash.
public struct FlashTenant: Equatable, Sendable, Codable {
  public let name: String
  /// Bytes from the start of flash.
  public let offset: Int
  public let byteCount: Int

  enum CodingKeys: String, CodingKey {
    case name
    case offset
    case byteCount = "bytes"
  }
}

/// More was to be placed in flash than the board has.
public struct FlashOverflow: Error, Equatable, Sendable {
  public let capacity: Int
  public let tenants: [FlashTenant]
  /// What found no place, and its bytes.
  public let name: String
  public let byteCount: Int
}

extension FlashOverflow: CustomStringConvertible {
  public var description: String {
    let held = tenants.map { "\($0.name) \($0.byteCount)" }.joined(separator: ", ")
    return "the model does not fit into flash: \(name) has \(byteCount) bytes, flash \(capacity)"
      + (held.isEmpty ? "" : "; it holds \(held)")
  }
}

extension FlashOverflow: ExitStatusProviding {
  public var exitStatus: Int32 { ExitStatus.badData.rawValue }
}
