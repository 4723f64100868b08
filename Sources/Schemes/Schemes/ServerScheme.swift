import BundleFormat
import ExitStatus

/// The server half of a scheme: what a device's payload means, and which tensor answers it.
///
/// A scheme runs no network. It says what goes in and what comes out, and the server runs whatever
/// requests wait as one batch.
public protocol ServerScheme: Sendable {
  /// The manifest's name for the scheme.
  static var name: String { get }

  /// Reads and checks what a bundle says of the server's half.
  ///
  /// - Parameters:
  ///   - bundle: of this scheme.
  ///   - graphs: the tensors of each remote graph that a path of the bundle names, by its name.
  /// - Throws: `ServerSchemeError` when the bundle and its graphs do not go together.
  init(bundle: ModelBundle, graphs: [String: RemoteGraph]) throws

  /// By the number that a request names, which is the path's place in the bundle; nil where the
  /// device answers that path alone.
  var paths: [(any ServerPath)?] { get }
}

/// The server's part of one path.
public protocol ServerPath: Sendable {
  /// The bundle's name for the remote graph to run.
  var graph: String { get }
  /// The graph's output that is the answer: float32 [N, ``classCount``].
  var logits: String { get }
  var classCount: Int { get }
  /// What a payload can have at most; a longer one is refused before it is read.
  var maximumPayloadBytes: Int { get }

  /// The remote graph's inputs for one image, by name, each row-major without the batch axis.
  ///
  /// - Parameter payload: as it came from the device; it may hold anything.
  /// - Throws: when the payload is not what the bundle prescribes; the error describes itself in one
  ///   line.
  func decode(_ payload: UnsafeRawBufferPointer) throws -> [String: [Float]]
}

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
}

/// The schemes that a server can serve.
public enum ServerSchemes {
  static let all: [any ServerScheme.Type] = [AgileNNServer.self]

  /// The server half that a bundle's manifest names.
  public static func open(
    _ bundle: ModelBundle, graphs: [String: RemoteGraph]
  ) throws -> any ServerScheme {
    let name = bundle.manifest.scheme
    guard let scheme = all.first(where: { $0.name == name }) else {
      let known = all.map { $0.name }.joined(separator: ", ")
      throw ServerSchemeError("no server for the scheme '\(name)' (there is one for \(known))")
    }
    return try scheme.init(bundle: bundle, graphs: graphs)
  }
}

/// Why a bundle cannot be served.
public struct ServerSchemeError: Equatable, Sendable, ExitStatusProviding, CustomStringConvertible {
  public let description: String
  public var exitStatus: Int32 { ExitStatus.badData.rawValue }

  public init(_ description: String) {
    self.description = description
  }
}
