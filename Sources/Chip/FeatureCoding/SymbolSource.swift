/// Where an encoder finds an image's symbols: int8 features and the tables that make symbols of them.
///
/// Nothing is stored: a symbol that is needed again, as a neighbour, is looked up again. Features
/// lie as the kernels leave them, [height,width,channels], or channel by channel.
public struct SymbolSource {
  public let shape: SymbolShape
  /// The first feature of the first channel.
  let features: UnsafePointer<UInt8>
  /// By a feature's byte with the sign bit turned.
  private let tables: UnsafePointer<UInt8>
  private let tableStride: Int
  let channelStride: Int
  let columnStride: Int

  static let tableSize = 256

  /// - Parameters:
  ///   - features: int8 [height,width,channels]; they must outlive the source.
  ///   - tables: one table of 256 symbols for all channels or one after another for each, indexed
  ///     by the int8 value + 128; they must outlive the source.
  public init(
    features: UnsafeRawBufferPointer, shape: SymbolShape, tables: UnsafeRawBufferPointer
  ) throws(CodingError) {
    try self.init(
      features, shape: shape, tables: tables, channelStride: 1, columnStride: shape.channels)
  }

  /// Of bytes that lie [channels,height,width].
  ///
  /// - Parameters:
  ///   - planar: int8 [channels,height,width]; they must outlive the source.
  ///   - tables: as above.
  public init(
    planar: UnsafeRawBufferPointer, shape: SymbolShape, tables: UnsafeRawBufferPointer
  ) throws(CodingError) {
    try self.init(
      planar, shape: shape, tables: tables, channelStride: shape.plane, columnStride: 1)
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, shape: SymbolShape, tables: UnsafeRawBufferPointer,
    channelStride: Int, columnStride: Int
  ) throws(CodingError) {
    guard bytes.count == shape.count, let base = bytes.baseAddress else {
      throw .lengthMismatch(expected: shape.count, found: bytes.count)
    }
    let one = tables.count == Self.tableSize
    guard one || tables.count == Self.tableSize * shape.channels, let table = tables.baseAddress
    else { throw .lengthMismatch(expected: Self.tableSize, found: tables.count) }
    self.shape = shape
    features = base.assumingMemoryBound(to: UInt8.self)
    self.tables = table.assumingMemoryBound(to: UInt8.self)
    tableStride = one ? 0 : Self.tableSize
    self.channelStride = channelStride
    self.columnStride = columnStride
  }

  /// The table of a channel, by a feature's byte with the sign bit turned.
  @inline(__always)
  func table(ofChannel channel: Int) -> UnsafePointer<UInt8> {
    tables + channel * tableStride
  }

  /// Calls `take` with the symbols from `first` up to `last` in scan order, until it returns false.
  @inline(__always)
  func forEachSymbol(
    from first: Int, to last: Int, _ take: (UInt8) throws(CodingError) -> Bool
  ) throws(CodingError) {
    var channel = first / shape.plane
    var pixel = first % shape.plane
    var left = last - first
    while left > 0 {
      let table = table(ofChannel: channel)
      var feature = features + (channel * channelStride + pixel * columnStride)
      let end = min(shape.plane, pixel + left)
      left -= end - pixel
      while pixel < end {
        guard try take(table[Int(feature.pointee ^ 0x80)]) else { return }
        feature += columnStride
        pixel += 1
      }
      pixel = 0
      channel += 1
    }
  }
}
