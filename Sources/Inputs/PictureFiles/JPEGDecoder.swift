import CImageCodecs

/// JPEG by the TurboJPEG interface, which reports every failure by its return value.
public enum JPEGDecoder {
  static func size(
    of bytes: [UInt8]
  ) throws(PictureFileError) -> (width: Int, height: Int) {
    let decompressor = try Decompressor()
    return try decompressor.header(of: bytes)
  }

  public static func decode(_ bytes: [UInt8]) throws(PictureFileError) -> Picture {
    let decompressor = try Decompressor()
    let size = try decompressor.header(of: bytes)
    return try decompressor.pixels(of: bytes, size)
  }

  /// One TurboJPEG handle, released at the end.
  private struct Decompressor: ~Copyable {
    private let handle: tjhandle

    init() throws(PictureFileError) {
      guard let handle = tjInitDecompress() else {
        throw .unreadable("TurboJPEG does not start")
      }
      self.handle = handle
    }

    deinit {
      tjDestroy(handle)
    }

    func header(of bytes: [UInt8]) throws(PictureFileError) -> (width: Int, height: Int) {
      var (width, height, subsampling, colours) = (Int32(0), Int32(0), Int32(0), Int32(0))
      let status = bytes.withUnsafeBufferPointer {
        tjDecompressHeader3(
          handle, $0.baseAddress, UInt($0.count), &width, &height, &subsampling, &colours)
      }
      guard status == 0 else { throw .corrupt(message()) }
      try Picture.checkSize(width: Int(width), height: Int(height))
      guard colours != Int32(TJCS_CMYK.rawValue), colours != Int32(TJCS_YCCK.rawValue) else {
        throw .unsupported("a CMYK JPEG, which is not read here")
      }
      return (Int(width), Int(height))
    }

    /// Any warning counts as a failure: what follows it in the picture would be made up.
    func pixels(
      of bytes: [UInt8], _ size: (width: Int, height: Int)
    ) throws(PictureFileError) -> Picture {
      var status: Int32 = -1
      let pixels = [UInt8](unsafeUninitializedCapacity: size.width * size.height * 3) {
        buffer, filled in
        status = bytes.withUnsafeBufferPointer {
          tjDecompress2(
            handle, $0.baseAddress, UInt($0.count), buffer.baseAddress, Int32(size.width), 0,
            Int32(size.height), Int32(TJPF_RGB.rawValue),
            TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
        }
        filled = status == 0 ? buffer.count : 0
      }
      guard status == 0 else { throw .corrupt(message()) }
      return Picture(width: size.width, height: size.height, pixels: pixels)
    }

    private func message() -> String {
      String(cString: tjGetErrorStr2(handle))
    }
  }
}
