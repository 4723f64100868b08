/// An operator's parameters, with the schema's default for each that the file leaves out.
public enum OperatorOptions: Equatable, Sendable {
  /// The operator has no parameters: PAD, PADV2, TRANSPOSE, LOGISTIC, QUANTIZE, DEQUANTIZE.
  case none
  /// Parameters of an operator that this module does not know, left unread.
  case unread
  /// CONV_2D; `depthMultiplier` is 1.
  case convolution(ConvolutionOptions)
  /// DEPTHWISE_CONV_2D.
  case depthwiseConvolution(ConvolutionOptions)
  case fullyConnected(FullyConnectedOptions)
  /// ADD and MUL.
  case elementwise(FusedActivation)
  /// AVERAGE_POOL_2D and MAX_POOL_2D.
  case pool(PoolOptions)
  /// MEAN: whether reduced dimensions stay, with extent 1.
  case reduce(keepDimensions: Bool)
  /// RESHAPE: the new shape, at most one of it -1; nil where only the second input has it.
  case reshape(newShape: [Int]?)
  case softmax(beta: Float)
  case stridedSlice(StridedSliceOptions)
  /// SPLIT and SPLIT_V: the number of outputs.
  case split(count: Int)
  case concatenation(axis: Int, activation: FusedActivation)
  case resizeNearestNeighbor(alignCorners: Bool, halfPixelCentres: Bool)
}

/// How a window meets the input's edge.
public enum Padding: Int8, Sendable {
  /// Zeros outside, as many as make the output ceil(input / stride).
  case same
  /// The window stays inside the input.
  case valid
}

/// The function applied to an operator's output before it is stored.
public enum FusedActivation: Int8, Sendable {
  case none, relu, reluN1To1, relu6, tanh, signBit
}

/// Parameters of CONV_2D and DEPTHWISE_CONV_2D. Strides and dilations are at least 1.
public struct ConvolutionOptions: Equatable, Sendable {
  public let padding: Padding
  public let strideHeight, strideWidth: Int
  public let dilationHeight, dilationWidth: Int
  /// Outputs for each input channel as the file states it: 1 in CONV_2D; in DEPTHWISE_CONV_2D it
  /// may be 0, and the shapes say what it is.
  public let depthMultiplier: Int
  public let activation: FusedActivation

  public init(
    padding: Padding, strideHeight: Int, strideWidth: Int, dilationHeight: Int = 1,
    dilationWidth: Int = 1, depthMultiplier: Int = 1, activation: FusedActivation = .none
  ) {
    self.padding = padding
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.dilationHeight = dilationHeight
    self.dilationWidth = dilationWidth
    self.depthMultiplier = depthMultiplier
    self.activation = activation
  }
}

/// Parameters of FULLY_CONNECTED.
public struct FullyConnectedOptions: Equatable, Sendable {
  public let activation: FusedActivation
  /// Whether the weights are in the schema's shuffled 4x16 layout.
  public let hasShuffledWeights: Bool
  /// Whether the output keeps the input's leading dimensions.
  public let keepDimensions: Bool

  public init(
    activation: FusedActivation = .none, hasShuffledWeights: Bool = false,
    keepDimensions: Bool = false
  ) {
    self.activation = activation
    self.hasShuffledWeights = hasShuffledWeights
    self.keepDimensions = keepDimensions
  }
}

/// Parameters of AVERAGE_POOL_2D and MAX_POOL_2D. Strides and filter extents are at least 1.
public struct PoolOptions: Equatable, Sendable {
  public let padding: Padding
  public let strideHeight, strideWidth: Int
  public let filterHeight, filterWidth: Int
  public let activation: FusedActivation

  public init(
    padding: Padding, strideHeight: Int, strideWidth: Int, filterHeight: Int, filterWidth: Int,
    activation: FusedActivation = .none
  ) {
    self.padding = padding
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.filterHeight = filterHeight
    self.filterWidth = filterWidth
    self.activation = activation
  }
}

/// Parameters of STRIDED_SLICE: bit i of a mask speaks of entry i of begin, end and strides.
public struct StridedSliceOptions: Equatable, Sendable {
  public let beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask: Int
  /// Whether `end` is relative to `begin`.
  public let endIsOffset: Bool

  public init(
    beginMask: Int = 0, endMask: Int = 0, ellipsisMask: Int = 0, newAxisMask: Int = 0,
    shrinkAxisMask: Int = 0, endIsOffset: Bool = false
  ) {
    self.beginMask = beginMask
    self.endMask = endMask
    self.ellipsisMask = ellipsisMask
    self.newAxisMask = newAxisMask
    self.shrinkAxisMask = shrinkAxisMask
    self.endIsOffset = endIsOffset
  }
}
