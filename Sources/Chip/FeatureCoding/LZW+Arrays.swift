#if !hasFeature(Embedded)
  extension LZW {
    /// The payload of `symbols`; for the host, which may allocate.
    public static func encode(
      _ symbols: [UInt8], alphabetSize: Int
    ) throws(CodingError) -> [UInt8] {
      try encode(symbols, alphabetSize: alphabetSize, codeLimit: codeLimit)
    }

    /// The `symbolCount` symbols of `payload`; for the host, which may allocate.
    public static func decode(
      _ payload: [UInt8], symbolCount: Int, alphabetSize: Int
    ) throws(CodingError) -> [UInt8] {
      try decode(
        payload, symbolCount: symbolCount, alphabetSize: alphabetSize, codeLimit: codeLimit)
    }

    static func encode(
      _ symbols: [UInt8], alphabetSize: Int, codeLimit: Int
    ) throws(CodingError) -> [UInt8] {
      let workspace = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LZWEncoder.workspaceSize(alphabetSize: alphabetSize),
        alignment: LZWEncoder.workspaceAlignment)
      defer { workspace.deallocate() }
      let output = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LZWEncoder.worstCaseBytes(
          symbols: symbols.count, alphabetSize: alphabetSize, codeLimit: codeLimit),
        alignment: 1)
      defer { output.deallocate() }
      var encoder = LZWEncoder(
        alphabetSize: alphabetSize, workspace: workspace, codeLimit: codeLimit)
      encoder.begin(output)
      for symbol in symbols { try encoder.append(symbol) }
      let count = try encoder.finish()
      return Array(output[..<count])
    }

    static func decode(
      _ payload: [UInt8], symbolCount: Int, alphabetSize: Int, codeLimit: Int
    ) throws(CodingError) -> [UInt8] {
      let workspace = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LZWDecoder.workspaceSize(alphabetSize: alphabetSize),
        alignment: LZWDecoder.workspaceAlignment)
      defer { workspace.deallocate() }
      // One byte more than none, so that the buffer has an address.
      let buffers = UnsafeMutableRawBufferPointer.allocate(
        byteCount: payload.count + max(symbolCount, 0) + 1, alignment: 1)
      defer { buffers.deallocate() }
      buffers.copyBytes(from: payload)
      let input = UnsafeRawBufferPointer(rebasing: buffers[..<payload.count])
      let output = UnsafeMutableRawBufferPointer(rebasing: buffers[payload.count...])
      var decoder = LZWDecoder(
        alphabetSize: alphabetSize, workspace: workspace, codeLimit: codeLimit)
      try decoder.decode(input, symbolCount: symbolCount, into: output)
      return Array(output[..<max(symbolCount, 0)])
    }
  }
#endif
