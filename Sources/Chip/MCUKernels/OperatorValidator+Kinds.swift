/// What each kind of operator asks of its record beyond what all ask.
extension OperatorValidator {
  var isSameSize: Bool { value(.inputBytes) == value(.outputBytes) }

  // MARK: Windows

  /// Whether the tensors have the sizes that an int8 NHWC window operator's shapes say, and window
  /// positions stay far from overflow.
  private var isValidWindow: Bool {
    guard product(.batches, .inputHeight, .inputWidth, .inputChannels) == value(.inputBytes),
      product(.batches, .outputHeight, .outputWidth, .outputChannels) == value(.outputBytes),
      let reachDown = product(.kernelHeight, .dilationHeight),
      let reachRight = product(.kernelWidth, .dilationWidth),
      let stepsDown = product(.outputHeight, .strideHeight),
      let stepsRight = product(.outputWidth, .strideWidth)
    else { return false }
    let limit = Int64(PlanFormat.sizeLimit)
    return reachDown + stepsDown <= limit && reachRight + stepsRight <= limit
  }

  private func hasChannelRows(image: UnsafeRawBufferPointer) -> Bool {
    guard hasRows(atMost: value(.outputChannels), size: PlanFormat.channelRowSize),
      value(.rowCount) == value(.outputChannels)
    else { return false }
    for row in 0..<value(.rowCount) {
      let offset = value(.rowsOffset) + row * Int64(PlanFormat.channelRowSize)
      guard
        isRowScale(
          multiplier: word(of: image, at: offset + 4), shift: word(of: image, at: offset + 8))
      else { return false }
    }
    return true
  }

  /// Whether a channel row of the operator's form can be run.
  private func isRowScale(multiplier: Int32, shift: Int32) -> Bool {
    record.has(PlanFormat.flagQuickRows)
      ? multiplier >= 0 && PlanFormat.quickShifts.contains(shift)
      : Self.isScale(multiplier: multiplier, shift: shift)
  }

  func isValidConvolution(image: UnsafeRawBufferPointer) -> Bool {
    let groupChannels = value(.own0)
    guard isValidWindow, groupChannels >= 1, value(.inputChannels) % groupChannels == 0,
      value(.outputChannels) % (value(.inputChannels) / groupChannels) == 0,
      let taps = product(.kernelHeight, .kernelWidth, .own0),
      taps <= Int64(PlanFormat.sizeLimit / 8)
    else { return false }
    let depth = ConvolutionScratch.depth(taps: Int(taps))
    let scratch = ConvolutionScratch.byteCount(taps: Int(taps), groupChannels: Int(groupChannels))
    return hasChannelRows(image: image) && value(.secondBytes) >= Int64(scratch)
      && hasConstants(bytes: Self.product(value(.outputChannels), Int64(depth)))
  }

  func isValidDepthwiseConvolution(image: UnsafeRawBufferPointer) -> Bool {
    // Weights of single outputs are in whole blocks of four channels.
    let channels = value(.own0) == 1 ? (value(.outputChannels) + 3) & ~3 : value(.outputChannels)
    guard isValidWindow, product(.inputChannels, .own0) == value(.outputChannels),
      let taps = product(.kernelHeight, .kernelWidth)
    else { return false }
    return hasChannelRows(image: image) && hasConstants(bytes: Self.product(channels, taps))
  }

  func isValidFullyConnected(image: UnsafeRawBufferPointer) -> Bool {
    product(.batches, .inputChannels) == value(.inputBytes)
      && product(.batches, .outputChannels) == value(.outputBytes)
      && isIn(.own0, -128, 127) && hasChannelRows(image: image)
      && hasConstants(bytes: product(.inputChannels, .outputChannels))
  }

  var isValidPool: Bool {
    isValidWindow && value(.inputChannels) == value(.outputChannels)
      && value(.dilationHeight) == 1 && value(.dilationWidth) == 1
  }

  // MARK: Loops

  /// Whether loops of `count` steps from `base` stay in 0..<bytes when each step reads `run` bytes,
  /// and how many steps there are in all; nil where they do not.
  private func steps(
    image: UnsafeRawBufferPointer, rows: Range<Int64>, stride column: Int64, base: Int64,
    run: Int64, bytes: Int64
  ) -> Int64? {
    var low = base
    var high = base
    var steps: Int64 = 1
    for row in rows {
      let offset = value(.rowsOffset) + row * Int64(PlanFormat.loopRowSize)
      let count = Int64(word(of: image, at: offset))
      let stride = Int64(word(of: image, at: offset + 4 * column))
      guard count >= 1, let next = Self.product(steps, count),
        Self.product(count - 1, abs(stride)) != nil
      else { return nil }
      steps = next
      low += min(0, (count - 1) * stride)
      high += max(0, (count - 1) * stride)
    }
    guard low >= 0, high + run <= bytes else { return nil }
    return steps
  }

  func isValidElementwise(image: UnsafeRawBufferPointer) -> Bool {
    guard hasRows(atMost: Int64(PlanFormat.maximumLoops)) else { return false }
    let rows = 0..<value(.rowCount)
    return steps(
      image: image, rows: rows, stride: 1, base: 0, run: 1, bytes: value(.inputBytes))
      == value(.outputBytes)
      && steps(
        image: image, rows: rows, stride: 2, base: 0, run: 1, bytes: value(.secondBytes))
        == value(.outputBytes)
  }

  /// Whether an addition has its two tables, and a scale for the sums.
  var isValidAddition: Bool {
    hasConstants(bytes: 2 * 4 * 256)
      && isRowScale(multiplier: record.signed(.own0), shift: record.signed(.own1))
  }

  func isValidMean(image: UnsafeRawBufferPointer) -> Bool {
    guard hasRows(atMost: Int64(PlanFormat.maximumLoops)), hasValidScale(.own0, .own1),
      value(.own2) >= 0, value(.own2) <= value(.rowCount),
      steps(
        image: image, rows: 0..<value(.rowCount), stride: 1, base: 0, run: 1,
        bytes: value(.inputBytes)) == value(.inputBytes)
    else { return false }
    return steps(
      image: image, rows: 0..<value(.own2), stride: 1, base: 0, run: 1, bytes: value(.inputBytes))
      == value(.outputBytes)
  }

  func isValidMovement(image: UnsafeRawBufferPointer) -> Bool {
    guard hasRows(atMost: Int64(PlanFormat.maximumLoops)),
      isIn(.own1, 1, PlanFormat.sizeLimit), isIn(.own2, 0, PlanFormat.sizeLimit),
      isIn(.own3, 0, PlanFormat.sizeLimit)
    else { return false }
    let rows = 0..<value(.rowCount)
    guard
      steps(
        image: image, rows: rows, stride: 1, base: value(.own3), run: value(.own1),
        bytes: value(.inputBytes)) != nil,
      let steps = steps(
        image: image, rows: rows, stride: 2, base: value(.own2), run: value(.own1),
        bytes: value(.outputBytes)),
      let moved = Self.product(steps, value(.own1))
    else { return false }
    // No byte is written twice, so that the time it takes is bounded by the output's size.
    return moved <= value(.outputBytes)
  }

  // MARK: Others

  func isValidSoftmax(image: UnsafeRawBufferPointer) -> Bool {
    isIn(.own0, 1, PlanFormat.sizeLimit) && isIn(.own1, 1, PlanFormat.sizeLimit)
      && product(.own0, .own1) == value(.inputBytes) && isSameSize && hasConstants(bytes: 1024)
  }

  private var hasValidFloatScale: Bool {
    let scale = Float(bitPattern: record.unsigned(.own0))
    return scale > 0 && scale.isFinite
  }

  var isValidQuantize: Bool {
    value(.inputBytes) == 4 * value(.outputBytes) && hasValidFloatScale
  }

  var isValidDequantize: Bool {
    4 * value(.inputBytes) == value(.outputBytes) && hasValidFloatScale
  }

  /// Whether the positions at `first`, `count` of them, are all from 0 to `last`.
  private func hasPositions(
    image: UnsafeRawBufferPointer, first: Int64, count: Int64, last: Int64
  ) -> Bool {
    for index in 0..<count {
      let position = Int64(word(of: image, at: value(.constantsOffset) + 4 * (first + index)))
      guard position >= 0, position <= last else { return false }
    }
    return true
  }

  func isValidResize(image: UnsafeRawBufferPointer) -> Bool {
    isIn(.own0, 1, PlanFormat.sizeLimit)
      && product(.batches, .inputHeight, .inputWidth, .own0) == value(.inputBytes)
      && product(.batches, .outputHeight, .outputWidth, .own0) == value(.outputBytes)
      && hasConstants(bytes: 4 * (value(.outputHeight) + value(.outputWidth)))
      && hasPositions(
        image: image, first: 0, count: value(.outputHeight), last: value(.inputHeight) - 1)
      && hasPositions(
        image: image, first: value(.outputHeight), count: value(.outputWidth),
        last: value(.inputWidth) - 1)
  }

  func isValidCamera(image: UnsafeRawBufferPointer) -> Bool {
    guard let mode = CameraMode(rawValue: record.unsigned(.own0)), value(.batches) == 1,
      value(.inputChannels) == 3, value(.outputChannels) == 3,
      product(.inputHeight, .inputWidth, .inputChannels) == value(.inputBytes),
      product(.outputHeight, .outputWidth, .outputChannels) == value(.outputBytes),
      isIn(.own1, 0, 65535), isIn(.own2, 0, 65535), isIn(.own3, 1, 65535), isIn(.own4, 1, 65535),
      value(.own1) + value(.own3) <= value(.inputWidth),
      value(.own2) + value(.own4) <= value(.inputHeight)
    else { return false }
    guard mode != .none else {
      return value(.inputHeight) == value(.outputHeight)
        && value(.inputWidth) == value(.outputWidth)
    }
    let scale: Int64 = mode == .bilinear ? 1 << Int64(PlanFormat.positionFractionBits) : 1
    return hasConstants(bytes: 4 * (value(.outputHeight) + value(.outputWidth)))
      && hasPositions(
        image: image, first: 0, count: value(.outputHeight), last: (value(.own4) - 1) * scale)
      && hasPositions(
        image: image, first: value(.outputHeight), count: value(.outputWidth),
        last: (value(.own3) - 1) * scale)
  }
}
