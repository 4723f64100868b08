/// Where an encoder finds an image's symbols: int8 features and the tables that make symbols of them.
///
/// Nothing is stored: a symbol that is needed again, as a neighbour, is looked up again. Features
/// lie as the kernels leave them, [height,width,channels], or channel by channel.
public struct SymbolSource {
  public let shape: SymbolShape
  /// Every symbol is below.
  public let alphabetSize: Int
  /// The first feature of the first channel.
  let features: UnsafePointer<Int8>
  /// The first channel's symbol of the feature 0; none if the features' bytes are the symbols.
  private let tables: UnsafePointer<UInt8>?
  private let tableStride: Int
  private let channelStride: Int
  let columnStride: Int
  /// Which channel of the features each of the shape's is; none if they are the same.
  private let picked: UnsafePointer<UInt16>?

  static let tableSize = 256

  /// - Parameters:
  ///   - features: int8 [height,width,channels of the tensor]; they must outlive the source.
  ///   - picked: which of the tensor's channels each of the shape's is; it must outlive the source.
  ///     nil: they are the same.
  ///   - tensorChannels: nil: as many as the shape's.
  ///   - tables: one table of 256 symbols for all channels or one after another for each, indexed
  ///     by the int8 value + 128; they must outlive the source. nil: a symbol is the value's own
  ///     byte, in two's complement, of an alphabet of 256.
  ///   - alphabetSize: 1...256.
  ///   - areChecked: whether the tables' symbols are known to be of the alphabet. Looking at all of them
  ///     takes as long as coding some hundred.
  /// - Throws: ``CodingError/lengthMismatch(expected:found:)``,
  ///   ``CodingError/symbolOutOfRange(symbol:alphabetSize:)`` for a table's symbol.
  public init(
    features: UnsafeRawBufferPointer, shape: SymbolShape,
    picked: UnsafeBufferPointer<UInt16>? = nil, tensorChannels: Int? = nil,
    tables: UnsafeRawBufferPointer?, alphabetSize: Int, areChecked: Bool = false
  ) throws(CodingError) {
    let channels = tensorChannels ?? shape.channels
    if let picked {
      guard picked.count == shape.channels else {
        throw .lengthMismatch(expected: shape.channels, found: picked.count)
      }
      for channel in picked where Int(channel) >= channels {
        throw .lengthMismatch(expected: channels, found: Int(channel) + 1)
      }
    } else if channels != shape.channels {
      throw .lengthMismatch(expected: shape.channels, found: channels)
    }
    try self.init(
      features, count: shape.plane * channels, shape: shape, tables: tables,
      alphabetSize: alphabetSize, areChecked: areChecked, channelStride: 1,
      columnStride: channels, picked: picked?.baseAddress)
  }

  /// Of bytes that lie [channels,height,width]; else as above.
  public init(
    planar: UnsafeRawBufferPointer, shape: SymbolShape, tables: UnsafeRawBufferPointer?,
    alphabetSize: Int
  ) throws(CodingError) {
    try self.init(
      planar, count: shape.count, shape: shape, tables: tables, alphabetSize: alphabetSize,
      areChecked: false, channelStride: shape.plane, columnStride: 1, picked: nil)
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, count: Int, shape: SymbolShape,
    tables: UnsafeRawBufferPointer?, alphabetSize: Int, areChecked: Bool, channelStride: Int,
    columnStride: Int, picked: UnsafePointer<UInt16>?
  ) throws(CodingError) {
    guard bytes.count == count, let base = bytes.baseAddress else {
      throw .lengthMismatch(expected: count, found: bytes.count)
    }
    let one = tables.map { $0.count == Self.tableSize } ?? true
    if let tables {
      guard one || tables.count == Self.tableSize * shape.channels else {
        throw .lengthMismatch(expected: Self.tableSize, found: tables.count)
      }
      if !areChecked {
        for symbol in tables where Int(symbol) >= alphabetSize {
          throw .symbolOutOfRange(symbol: symbol, alphabetSize: alphabetSize)
        }
      }
    } else {
      guard alphabetSize == 256 else {
        throw .symbolOutOfRange(symbol: 255, alphabetSize: alphabetSize)
      }
    }
    self.shape = shape
    self.alphabetSize = alphabetSize
    features = base.assumingMemoryBound(to: Int8.self)
    self.tables = tables?.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) + 128 }
    tableStride = one ? 0 : Self.tableSize
    self.channelStride = channelStride
    self.columnStride = columnStride
    self.picked = picked
  }

  /// Where a channel's first feature is, from the first channel's of the features.
  @inline(__always)
  func offset(ofChannel channel: Int) -> Int {
    (picked.map { Int($0[channel]) } ?? channel) &* channelStride
  }

  /// Whether all channels' symbols come from one table.
  var hasOneTable: Bool { tableStride == 0 }

  /// The symbols of a channel's features, by the int8 value; nil if they are the values' bytes.
  @inline(__always)
  func table(ofChannel channel: Int) -> UnsafePointer<UInt8>? {
    tables.map { $0 + channel &* tableStride }
  }

  /// Writes all symbols, [channels,height,width], one byte each.
  ///
  /// - Parameter symbols: as many bytes as ``shape`` has symbols, or more, apart from the features.
  public func copySymbols(into symbols: UnsafeMutableRawBufferPointer) throws(CodingError) {
    guard symbols.count >= shape.count else { throw .outputTooSmall(capacity: symbols.count) }
    var index = 0
    try forEachSymbol(from: 0, to: shape.count) { (symbol) throws(CodingError) in
      symbols[index] = symbol
      index &+= 1
      return true
    }
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
      var feature = features + (offset(ofChannel: channel) + pixel * columnStride)
      var count = min(shape.plane - pixel, left)
      left -= count
      while count > 0 {
        let value = feature.pointee
        let symbol = table.map { $0[Int(value)] } ?? UInt8(bitPattern: value)
        guard try take(symbol) else { return }
        feature += columnStride
        count &-= 1
      }
      pixel = 0
      channel += 1
    }
  }
}
