import MCUKernels

/// What our own kernels do for an operator, as their loops divide it: convolutions take two pixels and
/// two channels at a time, depthwise and dense layers four channels, and what is left over goes by a
/// slower loop. Counts are Double: a plan from a stranger's file may claim any size.
struct KernelWork {
  private(set) var gathered = 0.0
  private(set) var runs = 0.0
  private(set) var clippedBlocks = 0.0
  private(set) var staged = 0.0
  private(set) var wideMacs = 0.0
  private(set) var narrowMacs = 0.0
  private(set) var wideOutputs = 0.0
  private(set) var narrowOutputs = 0.0
  private(set) var fetchedBytes = 0.0

  /// Bytes of the chip's data cache, of which a quarter is taken to hold other things.
  private static let cacheBytes = 4096.0 * 0.75
  private static let rowBytes = 16.0

  init(_ geometry: OperatorGeometry) {
    let sizes = Sizes(geometry)
    switch geometry.kind {
    case .conv2D: convolve(geometry, sizes)
    case .depthwiseConv2D: convolveDepthwise(geometry, sizes)
    case .fullyConnected: connectFully(geometry, sizes)
    case .averagePool2D: runs = sizes.pixels * sizes.outputs * sizes.kernelHeight
    case .maxPool2D: runs = Double(geometry.insideTaps)
    default: break
    }
  }

  /// Sizes of 1 at least.
  private struct Sizes {
    let inputs, outputs, kernelHeight, kernelWidth, pixels, macs: Double

    init(_ geometry: OperatorGeometry) {
      func size(_ value: Int) -> Double { max(1, Double(value)) }
      inputs = size(geometry.inputChannels)
      outputs = size(geometry.outputChannels)
      kernelHeight = size(geometry.kernelHeight)
      kernelWidth = size(geometry.kernelWidth)
      pixels = size(geometry.outputElements) / outputs
      macs = Double(geometry.macs)
    }
  }

  private static func whole(_ value: Double, by step: Double) -> Double {
    (value / step).rounded(.down) * step
  }

  private static func blocks(_ value: Double, of step: Double) -> Double {
    (value / step).rounded(.up)
  }

  private mutating func convolve(_ geometry: OperatorGeometry, _ sizes: Sizes) {
    let window = sizes.kernelHeight * sizes.kernelWidth
    let groupChannels = max(
      1, (sizes.macs / (sizes.pixels * sizes.outputs * window)).rounded(.down))
    let groups = max(1, (sizes.inputs / groupChannels).rounded(.down))
    let outputs = (sizes.outputs / groups).rounded(.down)
    let even = Self.whole(outputs, by: 2)
    // A last pixel without a second costs as much as two.
    let pairs = Self.blocks(sizes.pixels, of: 2)
    let depth = 4 * Self.blocks(window * groupChannels, of: 4)
    gathered = Double(geometry.insideTaps) * sizes.inputs
    // A 1x1 convolution without a stride takes the input as it lies.
    let isPixelByPixel =
      window == 1 && groups == 1 && geometry.strideHeight == 1 && geometry.strideWidth == 1
    if !isPixelByPixel {
      // Rows of whole words need no staging where no window leaves the input.
      let isInside = Double(geometry.insideTaps) == sizes.pixels * window
      let run = groups == 1 && isInside ? sizes.kernelWidth * groupChannels : groupChannels
      staged = Self.whole(run, by: 4) == run ? 0 : gathered
      runs = Double(geometry.insideTaps) * (groups > 1 ? groups : 1 / sizes.kernelWidth)
    }
    wideOutputs = 2 * pairs * groups * even
    narrowOutputs = 2 * pairs * groups * (outputs - even)
    wideMacs = wideOutputs * depth
    narrowMacs = narrowOutputs * depth
    fetch(outputs * (depth + Self.rowBytes), times: pairs, blocks: groups)
  }

  private mutating func convolveDepthwise(_ geometry: OperatorGeometry, _ sizes: Sizes) {
    let isSingle = geometry.outputChannels == geometry.inputChannels
    let wide = isSingle ? Self.whole(sizes.outputs, by: 4) : 0
    let narrow = sizes.outputs - wide
    wideOutputs = sizes.pixels * wide
    narrowOutputs = sizes.pixels * narrow
    wideMacs = Double(geometry.insideTaps) * wide
    narrowMacs = Double(geometry.insideTaps) * narrow
    let blocks = isSingle ? Self.blocks(sizes.outputs, of: 4) : sizes.outputs
    runs = Double(geometry.insideTaps) / sizes.kernelWidth * blocks
    let rows = sizes.pixels / max(1, Double(geometry.outputWidth))
    clippedBlocks = max(0, Double(geometry.windowRuns) - rows) * blocks
    fetch(
      sizes.outputs * (sizes.kernelHeight * sizes.kernelWidth + Self.rowBytes),
      times: sizes.pixels)
  }

  private mutating func connectFully(_ geometry: OperatorGeometry, _ sizes: Sizes) {
    let wide = Self.whole(sizes.outputs, by: 4)
    wideOutputs = sizes.pixels * wide
    narrowOutputs = sizes.pixels * (sizes.outputs - wide)
    wideMacs = wideOutputs * Self.whole(sizes.inputs, by: 4)
    narrowMacs = sizes.macs - wideMacs
    fetch(sizes.outputs * (sizes.inputs + Self.rowBytes), times: sizes.pixels)
  }

  /// Weights and rows, read from end to end `times` times: what does not stay in the cache comes from
  /// flash each time.
  private mutating func fetch(_ bytes: Double, times: Double, blocks: Double = 1) {
    fetchedBytes = blocks * bytes * (bytes > Self.cacheBytes ? times : 1)
  }
}
