extension SRAM {
  /// Who holds what, and the arithmetic of first fit.
  struct Ledger: Sendable {
    /// By offset, without overlap.
    private(set) var tenants: [SRAMTenant] = []
    private(set) var used = 0
    private(set) var peak = 0

    /// Takes the first piece where a request fits.
    ///
    /// - Returns: its offset; nil where there is none, or the size is negative.
    mutating func place(_ request: SRAMRequest, alignment: Int, capacity: Int) -> Int? {
      let size = request.byteCount
      guard size >= 0, size <= capacity else { return nil }
      var start = 0
      var index = 0
      while index < tenants.count {
        if tenants[index].offset - start >= max(size, 1) { break }
        start = Ledger.aligned(tenants[index].offset + tenants[index].byteCount, to: alignment)
        index += 1
      }
      guard start <= capacity, capacity - start >= size else { return nil }
      guard size > 0 else { return start }
      tenants.insert(
        SRAMTenant(name: request.name, offset: start, byteCount: size), at: index)
      used += Ledger.footprint(size)
      peak = max(peak, used)
      return start
    }

    /// - Returns: whether there was such a tenant.
    mutating func remove(offset: Int, byteCount: Int) -> Bool {
      let index = tenants.firstIndex { $0.offset == offset && $0.byteCount == byteCount }
      guard let index else { return false }
      tenants.remove(at: index)
      used -= Ledger.footprint(byteCount)
      return true
    }

    func largestGap(capacity: Int) -> Int {
      var start = 0
      var largest = 0
      for tenant in tenants {
        largest = max(largest, tenant.offset - start)
        start = Ledger.aligned(tenant.offset + tenant.byteCount, to: SRAM.alignment)
      }
      return max(largest, capacity - start)
    }

    private static func footprint(_ byteCount: Int) -> Int {
      aligned(byteCount, to: SRAM.alignment)
    }

    private static func aligned(_ offset: Int, to alignment: Int) -> Int {
      (offset + alignment - 1) & ~(alignment - 1)
    }
  }
}
