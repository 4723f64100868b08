extension BundleManifest {
  /// A way to answer.
  public struct Path: Codable, Equatable, Sendable {
    public var name: String
    /// What the image is sent as where no device graph runs first; nil with a device graph.
    public var codec: Codec?
    /// A graph's name; nil: the camera's image itself is sent.
    public var device: String?
    /// One entry where there is a remote graph, else none.
    public var sends: [Send]
    /// A graph's name; nil: the device answers by itself.
    public var remote: String?
    /// The answers that the path has, the device's in the order in which it may ask for them.
    public var exits: [Exit]

    /// - Parameters:
    ///   - name: nil: `offload`, `local` or `remote`, by which graphs there are.
    ///   - codec: nil: raw without a device graph.
    ///   - sends: nil: the output `features`, or the image without a device graph.
    ///   - exits: nil: `localLogits` of the device graph, `logits` of the remote one.
    public init(
      name: String? = nil, codec: Codec? = nil, device: String?, sends: [Send]? = nil,
      remote: String?, exits: [Exit]? = nil
    ) {
      self.name = name ?? (device == nil ? "remote" : remote == nil ? "local" : "offload")
      self.codec = codec ?? (device == nil ? .raw : nil)
      self.device = device
      let sent = Send(tensor: device == nil ? Send.image : "features")
      self.sends = sends ?? (remote == nil ? [] : [sent])
      self.remote = remote
      self.exits =
        exits
        ?? [device.map { _ in Exit(place: .device) }, remote.map { _ in Exit(place: .server) }]
        .compactMap(\.self)
    }

    /// The one tensor that is sent; nil where the device answers by itself.
    public var send: Send? { sends.first }

    public var deviceExits: [Exit] { exits.filter { $0.place == .device } }

    /// nil where the device answers by itself.
    public var serverExit: Exit? { exits.first { $0.place == .server } }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, codec, device, sends, remote, exits
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
      self.init(
        name: try container.decodeIfPresent(String.self, forKey: .name),
        codec: try container.decodeIfPresent(Codec.self, forKey: .codec),
        device: try container.decodeIfPresent(String.self, forKey: .device),
        sends: try container.decodeIfPresent([Send].self, forKey: .sends),
        remote: try container.decodeIfPresent(String.self, forKey: .remote),
        exits: try container.decodeIfPresent([Exit].self, forKey: .exits))
    }
  }
}
