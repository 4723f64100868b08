/// Checks one operator record, so that running it stays inside the arena and the image.
///
/// Sizes are multiplied as Int64 with overflow reported, for `Int` has 32 bits on the chip.
struct OperatorValidator {
  let record: OperatorRecord
  let imageSize: Int
  let arenaSize: Int

  /// Whether the record can be run.
  func isValid(image: UnsafeRawBufferPointer) -> Bool {
    guard let kind = record.kind, hasValidFlags(kind), hasValidGeometry, hasValidTensors(kind)
    else { return false }
    switch kind {
    case .conv2D: return isValidConvolution(image: image)
    case .depthwiseConv2D: return isValidDepthwiseConvolution(image: image)
    case .fullyConnected: return isValidFullyConnected(image: image)
    case .add: return isValidElementwise(image: image) && isValidAddition
    case .mul: return isValidElementwise(image: image) && hasValidScale(.own0, .own1)
    case .averagePool2D, .maxPool2D: return isValidPool
    case .mean: return isValidMean(image: image)
    case .copy, .pad, .transpose, .stridedSlice, .concatenation:
      return isValidMovement(image: image)
    case .softmax: return isValidSoftmax(image: image)
    case .logistic, .requantize: return isSameSize && hasConstants(bytes: 256)
    case .quantize: return isValidQuantize
    case .dequantize: return isValidDequantize
    case .resizeNearest: return isValidResize(image: image)
    case .camera: return isValidCamera(image: image)
    }
  }

  func value(_ word: PlanFormat.Word) -> Int64 { Int64(record.signed(word)) }

  /// The product of the words, or nil where it is above the size limit; each is at least 0.
  func product(_ words: PlanFormat.Word...) -> Int64? {
    var result: Int64 = 1
    for word in words {
      guard value(word) >= 0, let next = Self.product(result, value(word)) else { return nil }
      result = next
    }
    return result
  }

  /// a times b, or nil where it is above the size limit; both from 0 to 2^31.
  static func product(_ a: Int64, _ b: Int64) -> Int64? {
    let (result, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow || result > Int64(PlanFormat.sizeLimit) ? nil : result
  }

  private func hasValidFlags(_ kind: OperatorKind) -> Bool {
    let allowed: UInt32
    switch kind {
    case .add: allowed = PlanFormat.flagSecondInImage | PlanFormat.flagQuickRows
    case .mul: allowed = PlanFormat.flagSecondInImage
    case .copy, .concatenation: allowed = PlanFormat.flagInputInImage
    case .dequantize: allowed = PlanFormat.flagInputUnsigned
    case .conv2D, .depthwiseConv2D, .fullyConnected: allowed = PlanFormat.flagQuickRows
    default: allowed = 0
    }
    return record.unsigned(.kind) & ~0xFF & ~allowed == 0
  }

  /// All extents, steps and counts from 1 to the size limit, paddings from 0.
  private var hasValidGeometry: Bool {
    let first = PlanFormat.Word.batches.rawValue
    let last = PlanFormat.Word.outputElements.rawValue
    for index in first...last {
      guard let word = PlanFormat.Word(rawValue: index),
        record.unsigned(word) >= 1, record.unsigned(word) <= UInt32(PlanFormat.sizeLimit)
      else { return false }
    }
    return record.macs <= UInt64(Int64.max)
      && isIn(.padTop, 0, PlanFormat.sizeLimit) && isIn(.padLeft, 0, PlanFormat.sizeLimit)
      && isIn(.dilationHeight, 1, PlanFormat.sizeLimit)
      && isIn(.dilationWidth, 1, PlanFormat.sizeLimit)
      && isIn(.inputZeroPoint, -128, 255) && isIn(.secondZeroPoint, -128, 127)
      && isIn(.outputZeroPoint, -128, 127) && isIn(.activationMinimum, -128, 127)
      && isIn(.activationMaximum, -128, 127)
      && value(.activationMinimum) <= value(.activationMaximum)
  }

  private func hasValidTensors(_ kind: OperatorKind) -> Bool {
    let inputLimit = record.has(PlanFormat.flagInputInImage) ? imageSize : arenaSize
    let secondLimit = record.has(PlanFormat.flagSecondInImage) ? imageSize : arenaSize
    return isInside(.inputOffset, .inputBytes, limit: inputLimit)
      && isInside(.secondOffset, .secondBytes, limit: secondLimit)
      && isInside(.outputOffset, .outputBytes, limit: arenaSize)
      && (kind == .dequantize || value(.inputZeroPoint) <= 127)
  }

  private func isInside(
    _ offset: PlanFormat.Word, _ bytes: PlanFormat.Word, limit: Int
  ) -> Bool {
    value(offset) >= 0 && value(bytes) >= 0 && value(offset) % 4 == 0
      && value(offset) + value(bytes) <= Int64(limit)
  }

  func isIn(_ word: PlanFormat.Word, _ low: Int, _ high: Int) -> Bool {
    value(word) >= Int64(low) && value(word) <= Int64(high)
  }

  /// Whether the operator's constants, `bytes` of them, lie in the image at a multiple of 4.
  func hasConstants(bytes: Int64?) -> Bool {
    guard let bytes else { return false }
    let offset = value(.constantsOffset)
    return offset >= 0 && offset % 4 == 0 && offset + bytes <= Int64(imageSize)
  }

  /// Whether the operator's rows, each of `size` bytes, lie in the image at a multiple of 4.
  func hasRows(atMost limit: Int64, size: Int = PlanFormat.loopRowSize) -> Bool {
    let offset = value(.rowsOffset)
    let count = value(.rowCount)
    guard offset >= 0, offset % 4 == 0, count >= 0, count <= limit else { return false }
    return offset + count * Int64(size) <= Int64(imageSize)
  }

  func word(of image: UnsafeRawBufferPointer, at offset: Int64) -> Int32 {
    Int32(littleEndian: image.loadUnaligned(fromByteOffset: Int(offset), as: Int32.self))
  }

  static func isScale(multiplier: Int32, shift: Int32) -> Bool {
    multiplier >= 0 && shift >= -31 && shift <= 30
  }

  func hasValidScale(_ multiplier: PlanFormat.Word, _ shift: PlanFormat.Word) -> Bool {
    Self.isScale(multiplier: record.signed(multiplier), shift: record.signed(shift))
  }
}
