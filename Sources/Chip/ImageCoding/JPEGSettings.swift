#if !hasFeature(Embedded)
  /// What a picture is coded with, and the tables and headers that follow from it; for the host.
  public struct JPEGSettings: Equatable, Sendable {
    /// 1 to 100, as libjpeg counts.
    public let quality: Int
    public let sampling: ChromaSampling

    public static let qualities = 1...100

    /// - Precondition: a quality of 1 to 100.
    public init(quality: Int, sampling: ChromaSampling) {
      precondition(Self.qualities.contains(quality))
      self.quality = quality
      self.sampling = sampling
    }

    /// Steps of the quantiser in zigzag order: those of ITU-T T.81, annex K.1, scaled by libjpeg's
    /// rule for qualities; 1 to 255.
    func steps(isColour: Bool) -> [Int] {
      let scale = quality < 50 ? 5000 / quality : 200 - 2 * quality
      let base = isColour ? AnnexK.colourSteps : AnnexK.brightnessSteps
      return AnnexK.zigzag.map { max(1, min(255, (base[$0] * scale + 50) / 100)) }
    }

    /// The bytes of ``JPEGTables``.
    public func tables() -> [UInt8] {
      var bytes: [UInt8] = [sampling.rawValue, 0, 0, 0]
      let divisors = [false, true].flatMap { steps(isColour: $0).map { UInt32(8 * $0) } }
      for divisor in divisors { bytes.append(UInt16(divisor)) }
      for divisor in divisors {
        bytes.append(UInt32((UInt64(1) << 32) / UInt64(divisor) + 1))
      }
      for codes in [AnnexK.brightnessDirect, AnnexK.colourDirect] {
        for bits in 0..<JPEGTables.Layout.directCodes { bytes.append(codes.entries[bits]) }
      }
      for codes in [AnnexK.brightnessAlternating, AnnexK.colourAlternating] {
        for symbol in 0..<256 { bytes.append(codes.entries[symbol]) }
      }
      bytes += AnnexK.zigzag.map { UInt8($0) }
      precondition(bytes.count == JPEGTables.size)
      return bytes
    }
  }

  extension [UInt8] {
    fileprivate mutating func append(_ word: some FixedWidthInteger) {
      Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
    }
  }
#endif
