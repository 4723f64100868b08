#if !hasFeature(Embedded)
  /// Writes the blob of `docs/coding.md`.
  struct TableWriter {
    let alphabetSize: Int
    let neighbourhoods: [Neighbourhood]
    /// By channel, by sum.
    let maps: [[UInt8]]
    /// By context, alphabetSize + 1.
    let cumulative: [[Int]]

    func blob() -> [UInt8] {
      let channels = neighbourhoods.count
      var blob = [UInt8](
        repeating: 0, count: RangeTables.headerSize + channels * RangeTables.recordSize)
      func put(_ value: Int, _ size: Int, at offset: Int) {
        for byte in 0..<size {
          blob[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
        }
      }
      func append(_ value: Int) {
        blob += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
      }
      put(0x4352_4741, 4, at: 0)
      put(1, 1, at: 4)
      put(Int(RangeTables.totalBits), 1, at: 5)
      put(alphabetSize, 2, at: 6)
      put(channels, 2, at: 8)
      put(cumulative.count, 2, at: 10)
      put(blob.count, 4, at: 16)
      for context in cumulative { for value in context { append(value) } }
      let least = cumulative.flatMap { zip($0.dropFirst(), $0).map { $0 - $1 } }.min()
      put(least ?? 1, 2, at: 20)
      // Channels that agree share their tables.
      var placed: [[UInt8]: Int] = [:]
      func place(_ bytes: [UInt8], alignment: Int) -> Int {
        if let offset = placed[bytes] { return offset }
        while blob.count % alignment != 0 { blob.append(0) }
        placed[bytes] = blob.count
        blob += bytes
        return blob.count - bytes.count
      }
      for (channel, neighbourhood) in neighbourhoods.enumerated() {
        let record = RangeTables.headerSize + channel * RangeTables.recordSize
        let near = neighbourhood.near
        let above = (0...alphabetSize).flatMap { symbol in near[..<4].map { $0[symbol] } }
        let before = (0...alphabetSize).flatMap { symbol in near[4...].map { $0[symbol] } }
        put(place(above, alignment: 4), 4, at: record)
        put(place(before, alignment: 4), 4, at: record + 4)
        let far = (0...alphabetSize).flatMap { symbol in
          (0..<RangeTables.maximumReferences).map {
            $0 < neighbourhood.far.count ? neighbourhood.far[$0][symbol] : 0
          }
        }
        put(place(far, alignment: 4), 4, at: record + 8)
        put(place(maps[channel], alignment: 4), 4, at: record + 12)
        put(neighbourhood.farSums, 2, at: record + 16)
        put(neighbourhood.references.count, 1, at: record + 18)
        put(neighbourhood.isUniform ? 1 : 0, 1, at: record + 19)
        for (index, reference) in neighbourhood.references.enumerated() {
          put(reference.channel, 1, at: record + 20 + index)
          put(reference.place, 1, at: record + 24 + index)
        }
      }
      while blob.count % RangeTables.alignment != 0 { blob.append(0) }
      put(blob.count, 4, at: 12)
      return blob
    }
  }
#endif
