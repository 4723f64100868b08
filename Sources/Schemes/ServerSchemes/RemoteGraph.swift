import FeatureCoding

/// The float32 tensors of a remote graph.
public struct RemoteGraph: Equatable, Sendable {
  public var inputs: [RemoteTensor]
  public var outputs: [RemoteTensor]

  public init(inputs: [RemoteTensor], outputs: [RemoteTensor]) {
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// A float32 tensor of a remote graph.
public struct RemoteTensor: Equatable, Sendable {
  public var name: String
  /// The sizes of the axes behind the batch; -1 where the graph leaves one open.
  public var itemShape: [Int]

  public init(name: String, itemShape: [Int]) {
    self.name = name
    self.itemShape = itemShape
  }

  /// The extents of a feature map [N,channels,height,width]; nil for another shape, or one whose
  /// elements no payload could hold.
  var featureMap: SymbolShape? {
    guard itemShape.count == 3, itemShape.allSatisfy({ $0 > 0 && $0 <= 1 << 16 }) else {
      return nil
    }
    guard itemShape[1] * itemShape[2] * itemShape[0] <= 1 << 26 else { return nil }
    return SymbolShape(height: itemShape[1], width: itemShape[2], channels: itemShape[0])
  }
}

extension RemoteTensor: CustomStringConvertible {
  public var description: String {
    "[" + (["N"] + itemShape.map { $0 < 0 ? "?" : "\($0)" }).joined(separator: ",") + "]"
  }
}
