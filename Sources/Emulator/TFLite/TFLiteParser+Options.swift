/// Operators' options. An absent table means that every field has the schema's default; where that
/// default makes no sense, as a stride of 0, the operator is malformed.
extension TFLiteParser {
  mutating func options(
    of operation: FlatBufferTable, code: BuiltinOperatorCode
  ) throws(TFLiteError) -> OperatorOptions {
    switch code {
    case .conv2D:
      let table = try table(of: operation, kind: 1)
      return .convolution(try convolution(table, isDepthwise: false))
    case .depthwiseConv2D:
      let table = try table(of: operation, kind: 2)
      return .depthwiseConvolution(try convolution(table, isDepthwise: true))
    case .fullyConnected:
      return .fullyConnected(try fullyConnected(try table(of: operation, kind: 8)))
    case .add:
      return .elementwise(try activation(0, of: try table(of: operation, kind: 11)))
    case .mul:
      return .elementwise(try activation(0, of: try table(of: operation, kind: 21)))
    case .averagePool2D, .maxPool2D:
      return .pool(try pool(try table(of: operation, kind: 5)))
    case .mean:
      return .reduce(keepDimensions: try flag(0, of: try table(of: operation, kind: 27)))
    case .reshape:
      return .reshape(newShape: try newShape(try table(of: operation, kind: 17)))
    case .softmax:
      return .softmax(beta: try beta(try table(of: operation, kind: 9)))
    case .stridedSlice:
      return .stridedSlice(try stridedSlice(try table(of: operation, kind: 32)))
    case .split:
      return .split(count: try integer(0, of: try table(of: operation, kind: 35)))
    case .splitV:
      return .split(count: try integer(0, of: try table(of: operation, kind: 79)))
    case .concatenation:
      let table = try table(of: operation, kind: 10)
      return .concatenation(
        axis: try integer(0, of: table), activation: try activation(1, of: table))
    case .resizeNearestNeighbor:
      let table = try table(of: operation, kind: 74)
      return .resizeNearestNeighbor(
        alignCorners: try flag(0, of: table), halfPixelCentres: try flag(1, of: table))
    case .pad, .padV2, .transpose, .logistic, .quantize, .dequantize:
      return .none
    default:
      return .unread
    }
  }

  private func convolution(
    _ table: OptionsTable, isDepthwise: Bool
  ) throws(TFLiteError) -> ConvolutionOptions {
    // DEPTHWISE_CONV_2D has one field more, which moves those behind it.
    let shift = isDepthwise ? 1 : 0
    let strides = try extents("stride", height: 2, width: 1, of: table, default: 0)
    let dilations = try extents(
      "dilation", height: 5 + shift, width: 4 + shift, of: table, default: 1)
    return ConvolutionOptions(
      padding: try padding(0, of: table), strideHeight: strides.height, strideWidth: strides.width,
      dilationHeight: dilations.height, dilationWidth: dilations.width,
      depthMultiplier: isDepthwise ? try integer(3, of: table) : 1,
      activation: try activation(3 + shift, of: table))
  }

  private func fullyConnected(_ table: OptionsTable) throws(TFLiteError) -> FullyConnectedOptions {
    FullyConnectedOptions(
      activation: try activation(0, of: table),
      hasShuffledWeights: try byte(1, of: table) != 0, keepDimensions: try flag(2, of: table))
  }

  private func pool(_ table: OptionsTable) throws(TFLiteError) -> PoolOptions {
    let strides = try extents("stride", height: 2, width: 1, of: table, default: 0)
    let filter = try extents("filter", height: 4, width: 3, of: table, default: 0)
    return PoolOptions(
      padding: try padding(0, of: table), strideHeight: strides.height, strideWidth: strides.width,
      filterHeight: filter.height, filterWidth: filter.width,
      activation: try activation(5, of: table))
  }

  private mutating func newShape(_ table: OptionsTable) throws(TFLiteError) -> [Int]? {
    guard let table = table.table else { return nil }
    let shape = try file.integers(Int32.self, 0, of: table).map(Int.init)
    guard shape.allSatisfy({ $0 >= -1 }), shape.count(where: { $0 == -1 }) <= 1 else {
      throw .malformed(place: table.place, reason: "its new shape makes no sense")
    }
    // An empty vector is how TensorFlow writes "no new shape here", not a scalar's shape.
    return shape.isEmpty ? nil : shape
  }

  private func beta(_ table: OptionsTable) throws(TFLiteError) -> Float {
    let beta = Float(bitPattern: try number(0, of: table, default: UInt32(0)))
    guard beta.isFinite, beta > 0 else {
      throw .malformed(place: table.place, reason: "its beta is not above 0")
    }
    return beta
  }

  private func stridedSlice(_ table: OptionsTable) throws(TFLiteError) -> StridedSliceOptions {
    StridedSliceOptions(
      beginMask: try integer(0, of: table), endMask: try integer(1, of: table),
      ellipsisMask: try integer(2, of: table), newAxisMask: try integer(3, of: table),
      shrinkAxisMask: try integer(4, of: table), endIsOffset: try flag(5, of: table))
  }
}

/// An operator's table of options, which may be absent, and the operator's place for errors.
private struct OptionsTable {
  let table: FlatBufferTable?
  let place: TFLitePlace
}

extension TFLiteParser {
  /// The table of an operator's options, which must be of the schema's `kind` where there is one.
  private func table(
    of operation: FlatBufferTable, kind: UInt8
  ) throws(TFLiteError) -> OptionsTable {
    let actual = try file.scalar(3, of: operation, default: UInt8(0))
    guard actual != 0 else { return OptionsTable(table: nil, place: operation.place) }
    guard actual == kind else {
      throw .malformed(
        place: operation.place, reason: "its options are of kind \(actual), not \(kind)")
    }
    return OptionsTable(table: try file.table(4, of: operation), place: operation.place)
  }

  private func number<T: FixedWidthInteger>(
    _ field: Int, of table: OptionsTable, default fallback: T
  ) throws(TFLiteError) -> T {
    guard let table = table.table else { return fallback }
    return try file.scalar(field, of: table, default: fallback)
  }

  private func integer(
    _ field: Int, of table: OptionsTable, default fallback: Int32 = 0
  ) throws(TFLiteError) -> Int {
    Int(try number(field, of: table, default: fallback))
  }

  private func byte(_ field: Int, of table: OptionsTable) throws(TFLiteError) -> Int8 {
    try number(field, of: table, default: 0)
  }

  private func flag(_ field: Int, of table: OptionsTable) throws(TFLiteError) -> Bool {
    try byte(field, of: table) != 0
  }

  private func padding(_ field: Int, of table: OptionsTable) throws(TFLiteError) -> Padding {
    let code = try byte(field, of: table)
    guard let padding = Padding(rawValue: code) else {
      throw .malformed(place: table.place, reason: "unknown padding \(code)")
    }
    return padding
  }

  private func activation(
    _ field: Int, of table: OptionsTable
  ) throws(TFLiteError) -> FusedActivation {
    let code = try byte(field, of: table)
    guard let activation = FusedActivation(rawValue: code) else {
      throw .malformed(place: table.place, reason: "unknown activation \(code)")
    }
    return activation
  }

  /// A height and a width that must be at least 1.
  private func extents(
    _ what: String, height: Int, width: Int, of table: OptionsTable, default fallback: Int32
  ) throws(TFLiteError) -> (height: Int, width: Int) {
    let height = try integer(height, of: table, default: fallback)
    let width = try integer(width, of: table, default: fallback)
    guard height >= 1, width >= 1 else {
      throw .malformed(place: table.place, reason: "its \(what) \(height)x\(width) is below 1")
    }
    return (height, width)
  }
}
