import FeatureCoding
import ImageCoding
import PictureFiles

/// Takes in the payload of one request, in pieces of any size, as its path's coder wrote it.
///
/// After an error it is not used again, and neither after ``finish(_:symbolCount:)``.
protocol PayloadReader: AnyObject {
  /// How many symbols, from the first on, the bytes so far make certain.
  var certainSymbols: Int { get }

  /// The next bytes of a payload that goes on.
  func append(_ bytes: UnsafeRawBufferPointer) throws(PayloadError)

  /// The last bytes of a payload of exactly so many symbols, at most the path's.
  func finish(_ bytes: UnsafeRawBufferPointer, symbolCount: Int) throws(PayloadError)
    -> DecodedPayload

  /// What is certain, where the payload stops.
  func cut() -> DecodedPayload
}

/// The symbols of features.
final class SymbolReader: PayloadReader {
  private let values: FeatureValues
  private let symbols: UnsafeMutableRawBufferPointer
  private let workspace: UnsafeMutableRawBufferPointer
  private var decoder: SymbolDecoder

  init(_ code: SymbolCode, _ values: FeatureValues) {
    self.values = values
    symbols = .allocate(byteCount: code.shape.count, alignment: 1)
    workspace = .allocate(
      byteCount: SymbolDecoder.workspaceSize(
        coder: code.coder, alphabetSize: code.alphabetSize),
      alignment: SymbolDecoder.workspaceAlignment)
    do {
      decoder = try SymbolDecoder(
        code.coder, shape: code.shape, alphabetSize: code.alphabetSize, tables: code.tables,
        workspace: workspace)
      try decoder.begin(into: symbols)
    } catch {
      preconditionFailure("the path's code was checked when the bundle was read: \(error)")
    }
  }

  deinit {
    symbols.deallocate()
    workspace.deallocate()
  }

  var certainSymbols: Int { decoder.symbolsDecoded }

  func append(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
    try decoding { () throws(CodingError) in try decoder.append(bytes) }
  }

  func finish(
    _ bytes: UnsafeRawBufferPointer, symbolCount: Int
  ) throws(PayloadError) -> DecodedPayload {
    try decoding { () throws(CodingError) in
      try decoder.finish(bytes, symbols: symbolCount)
    }
    return cut()
  }

  func cut() -> DecodedPayload {
    DecodedPayload(symbols: Array(symbols[..<certainSymbols]))
  }

  /// Decodes, and checks the symbols that are new.
  private func decoding(_ body: () throws(CodingError) -> Void) throws(PayloadError) {
    let before = certainSymbols
    do {
      try body()
      try values.check(symbols, in: before..<certainSymbols)
    } catch {
      throw .undecodable(error)
    }
  }
}

/// The scan of a JPEG: whoever has its first units has the first units of the picture.
final class JPEGScanReader: PayloadReader {
  private let code: PictureCode
  private let settings: JPEGSettings
  private var reader: ScanReader

  init(_ code: PictureCode, _ settings: JPEGSettings) {
    self.code = code
    self.settings = settings
    reader = ScanReader(settings, width: code.width, height: code.height)
  }

  var certainSymbols: Int { reader.units }

  func append(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
    do throws(ScanReader.Fault) {
      try reader.append(bytes)
    } catch {
      throw .noPicture("\(error)")
    }
  }

  func finish(
    _ bytes: UnsafeRawBufferPointer, symbolCount: Int
  ) throws(PayloadError) -> DecodedPayload {
    do throws(ScanReader.Fault) {
      try reader.finish(bytes, units: symbolCount)
    } catch {
      throw .noPicture("\(error)")
    }
    return try decoded()
  }

  func cut() -> DecodedPayload {
    // A scan whose every code is one is a picture; were libjpeg of another mind, nothing has come.
    (try? decoded()) ?? DecodedPayload(picture: code.nothing, symbolsUsed: 0)
  }

  private func decoded() throws(PayloadError) -> DecodedPayload {
    let file = JPEGFile.around(
      reader.completed(), width: code.width, height: code.height, settings)
    do throws(PictureFileError) {
      return DecodedPayload(
        picture: try JPEGDecoder.decode(file), symbolsUsed: reader.units)
    } catch {
      throw .noPicture("\(error)")
    }
  }
}

/// A picture's file, which is worth nothing before its end.
final class FileReader: PayloadReader {
  private let code: PictureCode
  private var bytes: [UInt8] = []

  init(_ code: PictureCode) {
    self.code = code
  }

  let certainSymbols = 0

  func append(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) {
    self.bytes += bytes
  }

  func finish(
    _ bytes: UnsafeRawBufferPointer, symbolCount: Int
  ) throws(PayloadError) -> DecodedPayload {
    try append(bytes)
    guard symbolCount > 0 else { return cut() }
    let picture: Picture
    do throws(PictureFileError) {
      picture =
        code.format == .png
        ? try PNGDecoder.decode(self.bytes) : try WebP.decode(self.bytes)
    } catch {
      throw .noPicture("\(error)")
    }
    guard picture.width == code.width, picture.height == code.height else {
      throw .noPicture(
        "the picture is \(picture.width)x\(picture.height), not \(code.width)x\(code.height)")
    }
    return DecodedPayload(picture: picture, symbolsUsed: 1)
  }

  func cut() -> DecodedPayload { DecodedPayload(picture: code.nothing, symbolsUsed: 0) }
}
