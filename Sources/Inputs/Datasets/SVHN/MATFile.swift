import Foundation

/// A reader of numeric arrays in MATLAB level 5 files ("MAT-File Format", The MathWorks),
/// little-endian, compressed or not. Every length in the file is checked before it is used.
struct MATFile: Sendable {
  /// An array's name and size, before its numbers are read.
  struct Header: Equatable, Sendable {
    var name: String
    var dimensions: [Int]
    /// False for text, structures, complex numbers and whatever else is no array of real numbers.
    var isReal: Bool
  }

  /// Most bytes of one array. The larger of the published SVHN files has 225 million.
  static let largestArray = 512 << 20

  private let file: RecordFile
  private static let headerSize = 128

  init(_ url: URL) throws(DatasetError) {
    file = try RecordFile(url)
    guard file.size >= Self.headerSize else {
      throw .corrupt(path: file.path, reason: "\(file.size) bytes are too few for a MATLAB file")
    }
    let header = try file.read(at: 0, count: Self.headerSize)
    guard header.starts(with: Array("MATLAB ".utf8)) else {
      throw .corrupt(path: file.path, reason: "it is not a MATLAB level 5 file")
    }
    // Version 1.0 and the letters "MI", as a little-endian machine writes them. HDF5 (version 7.3)
    // files carry version 2.0 here.
    guard Array(header[124..<128]) == [0x00, 0x01, 0x49, 0x4D] else {
      throw .corrupt(
        path: file.path, reason: "of MATLAB files only little-endian level 5 ones are read")
    }
  }

  /// The size of an array, without reading its numbers.
  func header(of name: String) throws(DatasetError) -> Header {
    let header = try find(name).header
    guard header.isReal else { throw corrupt("array \(name) is not of real numbers") }
    return header
  }

  /// A numeric array.
  func array(named name: String) throws(DatasetError) -> MATArray {
    let (header, stream) = try find(name)
    guard header.isReal else { throw corrupt("array \(name) is not of real numbers") }
    let elements = try count(of: header)
    let data = try element(of: stream)
    guard let size = data.kind.size, data.byteCount == elements * size else {
      throw corrupt("array \(name) does not have the \(elements) numbers of its size")
    }
    let bytes = try contents(of: data, stream)
    try stream.finish(padding: 0)
    return MATArray(dimensions: header.dimensions, storage: data.kind, bytes: bytes)
  }

  /// The array of a name: its header, and a stream that stands at its numbers.
  private func find(_ name: String) throws(DatasetError) -> (header: Header, stream: any ByteStream)
  {
    var position = Self.headerSize
    while position < file.size {
      guard file.size - position >= MATElement.tagSize else {
        throw corrupt("it ends within the tag at byte \(position)")
      }
      let tag = try file.read(at: position, count: MATElement.tagSize)
      guard let element = MATElement(tag: tag) else { throw corrupt("no element at \(position)") }
      let start = position + MATElement.tagSize
      let stored = element.small == nil ? element.byteCount + element.padding : 0
      guard stored <= file.size - start else {
        throw corrupt("the element at byte \(position) is cut short")
      }
      if let stream = try matrix(element, start..<(start + stored)) {
        let header = try self.header(stream)
        if header.name == name { return (header, stream) }
      }
      position = start + stored
    }
    throw corrupt("it has no array named \(name)")
  }

  /// A stream that stands behind a matrix's tag; `nil` if the element is none.
  private func matrix(
    _ element: MATElement, _ range: Range<Int>
  ) throws(DatasetError) -> (any ByteStream)? {
    switch element.kind {
    case .matrix:
      return FileStream(file, range)
    case .compressed:
      let stream = try InflatingStream(file, range)
      return try self.element(of: stream).kind == .matrix ? stream : nil
    default:
      return nil
    }
  }

  /// Flags, dimensions and name: the parts of a matrix before its numbers.
  private func header(_ stream: any ByteStream) throws(DatasetError) -> Header {
    let flags = try part(of: stream, .uint32, 8...8)
    let sizes = try part(of: stream, .int32, 8...128)
    guard sizes.count % 4 == 0 else { throw corrupt("an array's size is cut short") }
    let dimensions = stride(from: 0, to: sizes.count, by: 4).map {
      Int(Int32(bitPattern: MATElement.word(sizes, at: $0)))
    }
    let name = try part(of: stream, .int8, 0...63)
    // Classes 6 to 15 are the numeric ones, double to uint64; bit 11 marks complex numbers.
    return Header(
      name: String(decoding: name, as: UTF8.self), dimensions: dimensions,
      isReal: (6...15).contains(flags[0]) && flags[1] & 0x08 == 0)
  }

  /// The product of an array's dimensions, if that many numbers can be read.
  private func count(of header: Header) throws(DatasetError) -> Int {
    var elements = 1
    for dimension in header.dimensions {
      let (product, overflow) = elements.multipliedReportingOverflow(by: dimension)
      guard dimension > 0, !overflow, product <= Self.largestArray else {
        throw corrupt("array \(header.name) is empty or has more than \(Self.largestArray) numbers")
      }
      elements = product
    }
    return elements
  }

  /// The bytes of a part that must be of one kind and size.
  private func part(
    of stream: any ByteStream, _ kind: MATElement.Kind, _ size: ClosedRange<Int>
  ) throws(DatasetError) -> [UInt8] {
    let element = try element(of: stream)
    guard element.kind == kind, size.contains(element.byteCount) else {
      throw corrupt("an array's header is malformed")
    }
    return try contents(of: element, stream)
  }

  private func element(of stream: any ByteStream) throws(DatasetError) -> MATElement {
    guard let element = MATElement(tag: try stream.read(MATElement.tagSize)) else {
      throw corrupt("an array has a part of unknown type")
    }
    return element
  }

  /// An element's data, and the stream moved behind its padding.
  private func contents(
    of element: MATElement, _ stream: any ByteStream
  ) throws(DatasetError) -> [UInt8] {
    if let small = element.small { return small }
    guard element.byteCount <= Self.largestArray else {
      throw corrupt("an array of \(element.byteCount) bytes is larger than is read here")
    }
    let bytes = try stream.read(element.byteCount)
    _ = try stream.read(element.padding)
    return bytes
  }

  private func corrupt(_ reason: String) -> DatasetError {
    .corrupt(path: file.path, reason: reason)
  }
}
