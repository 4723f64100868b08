/// A channel's references for the encoder: where they lie in the features, as offsets from the
/// symbol that is coded, and what they add to the far sum.
struct FarReferences {
  /// Always four: those that there are not are at the symbol's own place and add nothing.
  typealias Four<Element> = (Element, Element, Element, Element)

  private let references: Four<RangeReference>
  private let symbolOf: Four<UnsafePointer<UInt8>>
  private let far: UnsafePointer<UInt32>

  @inline(__always)
  init(
    _ source: SymbolSource, _ model: RangeTables.Channel, channel: Int,
    symbolOf own: UnsafePointer<UInt8>, withOneTable: Bool
  ) {
    far = model.far
    references = (
      model.reference(0, ofChannel: channel), model.reference(1, ofChannel: channel),
      model.reference(2, ofChannel: channel), model.reference(3, ofChannel: channel)
    )
    symbolOf =
      withOneTable
      ? (own, own, own, own)
      : (
        source.table(ofChannel: references.0.channel) ?? own,
        source.table(ofChannel: references.1.channel) ?? own,
        source.table(ofChannel: references.2.channel) ?? own,
        source.table(ofChannel: references.3.channel) ?? own
      )
  }

  /// The offsets for the symbols of a row; at the right of its last symbol there is nothing.
  func places(
    _ source: SymbolSource, channel: Int, row: Int, isLast: Bool
  ) -> Four<Int> {
    let rowStride = source.shape.width &* source.columnStride
    let up = row > 0 ? 0 &- rowStride : 0
    let down = row &+ 1 < source.shape.height ? rowStride : 0
    let right = isLast ? 0 : source.columnStride
    let here = source.offset(ofChannel: channel)
    func place(_ reference: RangeReference) -> Int {
      source.offset(ofChannel: reference.channel) &- here
        &+ (reference.down < 0 ? up : reference.down > 0 ? down : 0)
        &+ (reference.right > 0 ? right : 0)
    }
    return (
      place(references.0), place(references.1), place(references.2), place(references.3)
    )
  }

  /// The far sum: each reference has a byte of its symbol's word.
  ///
  /// - Parameter count: as many references as there are, or more.
  @inline(__always)
  func sum(_ here: UnsafePointer<Int8>, _ places: Four<Int>, _ count: Int) -> Int {
    guard count > 0 else { return 0 }
    if count <= 2 {
      let first = far[Int(symbolOf.0[Int((here + places.0).pointee)])] & 0xFF
      guard count > 1 else { return Int(first) }
      return Int(first &+ far[Int(symbolOf.1[Int((here + places.1).pointee)])] >> 8 & 0xFF)
    }
    let words = (
      far[Int(symbolOf.0[Int((here + places.0).pointee)])],
      far[Int(symbolOf.1[Int((here + places.1).pointee)])],
      far[Int(symbolOf.2[Int((here + places.2).pointee)])],
      far[Int(symbolOf.3[Int((here + places.3).pointee)])]
    )
    return Int(
      (words.0 & 0xFF) &+ (words.1 >> 8 & 0xFF) &+ (words.2 >> 16 & 0xFF) &+ words.3 >> 24)
  }
}
