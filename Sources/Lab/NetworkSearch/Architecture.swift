/// A network of inverted residuals, as `scripts/train`'s scheme `mcunet` trains it.
///
/// A 3x3 stem, blocks, a last 1x1 convolution where `head` is not 0, the mean over all positions, and a
/// dense layer. All activations are ReLU6, and all padding is TensorFlow's SAME.
public struct Architecture: Hashable, Sendable {
  /// An inverted residual (Sandler and others, CVPR 2018): 1x1 expansion unless `expansion` is 1,
  /// depthwise convolution, 1x1 projection without activation. Its input is added where the stride is 1
  /// and it has as many channels.
  public struct Block: Hashable, Sendable {
    public var expansion: Int
    public var kernel: Int
    public var channels: Int
    public var stride: Int

    public init(expansion: Int, kernel: Int, channels: Int, stride: Int) {
      self.expansion = expansion
      self.kernel = kernel
      self.channels = channels
      self.stride = stride
    }
  }

  /// Pixels of the square input.
  public var side: Int
  public var stemChannels: Int
  public var stemStride: Int
  public var blocks: [Block]
  /// Channels of the last convolution; 0 for none.
  public var head: Int

  public init(side: Int, stemChannels: Int, stemStride: Int, blocks: [Block], head: Int) {
    self.side = side
    self.stemChannels = stemChannels
    self.stemStride = stemStride
    self.blocks = blocks
    self.head = head
  }

  /// One convolution of it, in order of execution.
  struct Layer: Equatable {
    enum Kind { case dense, depthwise }

    var kind: Kind
    var kernel: Int
    var stride: Int
    var inputs: Int
    var outputs: Int
    /// Pixels of its square output.
    var side: Int
  }

  /// All convolutions.
  var layers: [Layer] {
    var layers: [Layer] = []
    var side = side
    var channels = 3
    func add(_ kind: Layer.Kind, _ kernel: Int, _ stride: Int, _ outputs: Int) {
      side = (side + stride - 1) / stride
      layers.append(
        Layer(
          kind: kind, kernel: kernel, stride: stride, inputs: channels, outputs: outputs, side: side
        ))
      channels = outputs
    }
    add(.dense, 3, stemStride, stemChannels)
    for block in blocks {
      if block.expansion > 1 { add(.dense, 1, 1, channels * block.expansion) }
      add(.depthwise, block.kernel, block.stride, channels)
      add(.dense, 1, 1, block.channels)
    }
    if head > 0 { add(.dense, 1, 1, head) }
    return layers
  }
}
