extension BundleManifest {
  /// A way to answer.
  public struct Path: Codable, Equatable, Sendable {
    public var name: String
    /// A graph's name; nil: the camera's image itself is sent.
    public var device: String?
    /// A graph's name; nil: the device answers by itself.
    public var remote: String?
    /// The device graph's output name → the remote graph's input name.
    public var tensors: [String: String]
    public var exits: Exits

    /// What is sent where there is no device graph: the input as int8 [1,height,width,3].
    public static let image = "image"

    /// - Parameters:
    ///   - name: nil: `offload`, `local` or `remote`, by which graphs there are.
    ///   - tensors: nil: `features` to `features`, or `image` to `image` without a device graph.
    ///   - exits: nil: `localLogits` of the device graph, `logits` of the remote one.
    public init(
      name: String? = nil, device: String?, remote: String?, tensors: [String: String]? = nil,
      exits: Exits? = nil
    ) {
      self.name = name ?? (device == nil ? "remote" : remote == nil ? "local" : "offload")
      self.device = device
      self.remote = remote
      let sent = device == nil ? Self.image : "features"
      self.tensors = tensors ?? (remote == nil ? [:] : [sent: sent])
      self.exits =
        exits
        ?? Exits(
          local: device.map { _ in "localLogits" }, remote: remote.map { _ in "logits" })
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, device, remote, tensors, exits
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      self.init(
        name: try container.decodeIfPresent(String.self, forKey: .name),
        device: try container.decodeIfPresent(String.self, forKey: .device),
        remote: try container.decodeIfPresent(String.self, forKey: .remote),
        tensors: try container.decodeIfPresent([String: String].self, forKey: .tensors),
        exits: try container.decodeIfPresent(Exits.self, forKey: .exits))
    }
  }

  /// The names of the tensors that hold a path's logits.
  public struct Exits: Codable, Equatable, Sendable {
    /// An output of the device graph; nil: the device has no answer of its own.
    public var local: String?
    /// An output of the remote graph; nil: there is none.
    public var remote: String?

    public init(local: String? = nil, remote: String? = nil) {
      self.local = local
      self.remote = remote
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case local, remote
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      local = try container.decodeIfPresent(String.self, forKey: .local)
      remote = try container.decodeIfPresent(String.self, forKey: .remote)
    }
  }
}
