/// The map of SRAM as people read it: offset, size and name of each tenant, by offset.
public struct SRAMMap: Equatable, Sendable, CustomStringConvertible {
  /// Bytes of SRAM.
  public let capacity: Int
  public let tenants: [SRAMTenant]
  /// What found no place.
  public let refused: [SRAMRequest]

  public init(capacity: Int, tenants: [SRAMTenant], refused: [SRAMRequest] = []) {
    self.capacity = capacity
    self.tenants = tenants.sorted { $0.offset < $1.offset }
    self.refused = refused
  }

  /// A table of one line a tenant, a line for the refused, and the sum against the capacity.
  public var description: String {
    var lines = [line("offset", "bytes", "who")]
    for tenant in tenants {
      let digits = String(tenant.offset, radix: 16)
      let offset = "0x" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
      lines.append(line(offset, String(tenant.byteCount), tenant.name))
    }
    for request in refused {
      lines.append(line("no room", String(request.byteCount), request.name))
    }
    let held = tenants.reduce(0) { $0 + $1.byteCount }
    lines.append(line("held", String(held), "of \(capacity) bytes"))
    return lines.joined(separator: "\n")
  }

  private func line(_ offset: String, _ bytes: String, _ name: String) -> String {
    padded(offset, to: 9) + padded(bytes, to: 21) + "  " + name
  }

  private func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
