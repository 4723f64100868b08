/// A channel's references for the encoder: where they lie in the features, as offsets from the
/// symbol that is coded, and what they add to the far sum.
struct FarReferences {
  /// Always four: those that there are not are never looked at.
  typealias Four<Element> = (Element, Element, Element, Element)

  /// One reference.
  private struct Reference {
    let symbolOf: UnsafePointer<UInt8>
    /// From the symbol that is coded to the same place of the reference's channel.
    let place: Int
    /// From there to the row above or below, 0 for the same row.
    let vertical: Int
    /// And to the next column, 0 for the same.
    let right: Int

    @inline(__always)
    init(
      _ index: Int, _ source: SymbolSource, _ model: RangeTables.Channel, channel: Int,
      symbolOf own: UnsafePointer<UInt8>
    ) {
      let reference = model.reference(index, ofChannel: channel)
      symbolOf = source.table(ofChannel: reference.channel) ?? own
      place =
        source.offset(ofChannel: reference.channel) &- source.offset(ofChannel: channel)
      vertical = reference.down &* source.shape.width &* source.columnStride
      right = reference.right &* source.columnStride
    }

    /// The offset in a row. Where the row above or below does not exist, its own counts, and at the
    /// right of a row's last symbol that symbol.
    @inline(__always)
    func offset(isFirst: Bool, isLast: Bool) -> Int {
      place &+ ((vertical < 0 ? isFirst : isLast) ? 0 : vertical)
    }
  }

  private let references: Four<Reference>
  private let far: UnsafePointer<UInt32>
  private let count: Int

  /// - Parameter count: as many references as there are, or more; a constant, as which it decides what
  ///   code there is.
  @inline(__always)
  init(
    _ source: SymbolSource, _ model: RangeTables.Channel, channel: Int,
    symbolOf own: UnsafePointer<UInt8>, count: Int
  ) {
    func reference(_ index: Int) -> Reference {
      Reference(
        index < count ? index : 0, source, model, channel: channel, symbolOf: own)
    }
    references = (reference(0), reference(1), reference(2), reference(3))
    far = model.far
    self.count = count
  }

  /// The offsets for the symbols of a row but its last, and for the last.
  @inline(__always)
  func places(isFirst: Bool, isLast: Bool) -> (all: Four<Int>, last: Four<Int>) {
    func offset(_ reference: Reference) -> Int {
      reference.offset(isFirst: isFirst, isLast: isLast)
    }
    let last = (
      offset(references.0), offset(references.1), offset(references.2), offset(references.3)
    )
    return (
      (
        last.0 &+ references.0.right, last.1 &+ references.1.right, last.2 &+ references.2.right,
        last.3 &+ references.3.right
      ), last
    )
  }

  /// The far sum: each reference has a byte of its symbol's word.
  @inline(__always)
  func sum(_ here: UnsafePointer<Int8>, _ places: Four<Int>) -> Int {
    func word(_ reference: Reference, _ place: Int) -> UInt32 {
      far[Int(reference.symbolOf[Int((here + place).pointee)])]
    }
    guard count > 0 else { return 0 }
    let first = word(references.0, places.0) & 0xFF
    guard count > 1 else { return Int(first) }
    let two = first &+ word(references.1, places.1) >> 8 & 0xFF
    guard count > 2 else { return Int(two) }
    return Int(
      two &+ (word(references.2, places.2) >> 16 & 0xFF) &+ word(references.3, places.3) >> 24)
  }
}
