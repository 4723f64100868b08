import Foundation

/// How good an architecture may become, judged without training it: its entropy, and how far its depth
/// goes beyond its width (Shen and others, "DeepMAD: Mathematical Architecture Design for Deep
/// Convolutional Neural Network", CVPR 2023).
///
/// The entropy of a layer's output is log(positions · channels) times the sum of log(inputs · kernel^2)
/// over the layers up to it, inputs of a group. Depth over mean width is the network's effectiveness:
/// beyond a limit more layers are harder to train than they are worth.
enum EntropyScore {
  /// Weights of the entropies at the ends of the last five resolutions, the smallest last: DeepMAD's.
  private static let weights: [Double] = [1, 1, 1, 1, 8]

  /// Depth over mean width; DeepMAD allows 0.5 for its small networks.
  static func effectiveness(of architecture: Architecture) -> Double {
    let layers = architecture.layers
    let logarithm = layers.reduce(0.0) { $0 + log(width($1)) }
    return Double(layers.count) / exp(logarithm / Double(layers.count))
  }

  static func score(of architecture: Architecture) -> Double {
    var sum = 0.0
    // The entropy at the last layer of each resolution.
    var ends: [(side: Int, entropy: Double)] = []
    for layer in architecture.layers {
      sum += log(width(layer))
      let entropy = log(Double(layer.side * layer.side * layer.outputs)) * sum
      if ends.last?.side == layer.side { ends.removeLast() }
      ends.append((layer.side, entropy))
    }
    let last = ends.suffix(weights.count)
    return zip(last, weights.suffix(last.count)).reduce(0) { $0 + $1.0.entropy * $1.1 }
  }

  /// What an output element is summed over.
  private static func width(_ layer: Architecture.Layer) -> Double {
    Double(layer.kernel * layer.kernel * (layer.kind == .depthwise ? 1 : layer.inputs))
  }
}
