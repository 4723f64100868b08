#if !hasFeature(Embedded)
  /// A baseline JPEG file around a scan, for the host.
  public enum JPEGFile {
    /// The file (JFIF 1.01) of a scan that ``JPEGEncoder`` wrote, whole.
    public static func around(
      _ scan: [UInt8], width: Int, height: Int, _ settings: JPEGSettings
    ) -> [UInt8] {
      header(width: width, height: height, settings) + scan + [0xFF, 0xD9]
    }

    /// What stands in front of the scan; the same for all pictures of a size.
    public static func header(width: Int, height: Int, _ settings: JPEGSettings) -> [UInt8] {
      precondition((1...JPEGGeometry.longestSide).contains(width))
      precondition((1...JPEGGeometry.longestSide).contains(height))
      var bytes: [UInt8] = [0xFF, 0xD8]
      bytes += segment(0xE0, [0x4A, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0])
      for (index, isColour) in [(UInt8(0), false), (1, true)] {
        bytes += segment(0xDB, [index] + settings.steps(isColour: isColour).map { UInt8($0) })
      }
      let factor = settings.sampling.rawValue
      bytes += segment(
        0xC0,
        [
          8, UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), 3,
          1, factor << 4 | factor, 0, 2, 0x11, 1, 3, 0x11, 1,
        ])
      for (place, codes) in [
        (UInt8(0x00), AnnexK.brightnessDirect), (0x10, AnnexK.brightnessAlternating),
        (0x01, AnnexK.colourDirect), (0x11, AnnexK.colourAlternating),
      ] {
        bytes += segment(0xC4, [place] + codes.counts + codes.symbols)
      }
      return bytes + segment(0xDA, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0])
    }

    private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
      let length = content.count + 2
      return [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + content
    }
  }
#endif
