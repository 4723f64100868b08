public import MCUKernels

/// The operators as kernel libraries tell them apart: an ``OperatorKind``, with convolutions split
/// by the code path that they take.
public enum OperatorClass: String, CaseIterable, Sendable {
  /// A convolution with a window, by im2col and a matrix product.
  case conv2D
  /// A convolution with a window over at most four input channels: the first layer of most nets.
  case shallowConv2D
  /// A 1x1 convolution.
  case pointwise
  case depthwiseConv2D
  case fullyConnected
  case add
  case mul
  case averagePool2D
  case maxPool2D
  case mean
  case pad
  case copy
  case transpose
  case softmax
  case logistic
  case stridedSlice
  case concatenation
  case quantize
  case dequantize
  case requantize
  case resizeNearest
  /// The conversion of a camera's image that has the network's size.
  case camera
  /// The same with a resize.
  case resizedCamera

  public init(of geometry: OperatorGeometry) {
    self =
      switch geometry.kind {
      case .conv2D where geometry.kernelHeight == 1 && geometry.kernelWidth == 1: .pointwise
      case .conv2D where geometry.inputChannels <= 4: .shallowConv2D
      case .conv2D: .conv2D
      case .depthwiseConv2D: .depthwiseConv2D
      case .fullyConnected: .fullyConnected
      case .add: .add
      case .mul: .mul
      case .averagePool2D: .averagePool2D
      case .maxPool2D: .maxPool2D
      case .mean: .mean
      case .pad: .pad
      case .copy: .copy
      case .transpose: .transpose
      case .softmax: .softmax
      case .logistic: .logistic
      case .stridedSlice: .stridedSlice
      case .concatenation: .concatenation
      case .quantize: .quantize
      case .dequantize: .dequantize
      case .requantize: .requantize
      case .resizeNearest: .resizeNearest
      case .camera
      where geometry.inputHeight != geometry.outputHeight
        || geometry.inputWidth != geometry.outputWidth:
        .resizedCamera
      case .camera: .camera
      }
  }
}
