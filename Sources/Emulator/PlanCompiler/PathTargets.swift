import BundleFormat
import ImageCoding
import MCUKernels
import TFLite

/// What a bundle's paths want of the device graph: tensors to send and logits to answer with, in the
/// order in which they are wanted.
struct PathTargets {
  /// The plan's outputs, in the graph's order; the image itself, where a path sends it, last.
  let outputs: [PlanCompiler.Port]
  /// The outputs' buffers, each once: of the first path what is sent, then its exits; then of the
  /// second path what is wanted besides, and so on.
  let buffers: [Int]
  /// The output that is the image itself.
  private let imageIndex: Int?

  /// - Throws: ``CompileError`` where the graph does not have what a path names.
  init(
    _ manifest: BundleManifest, model: TFLiteModel, graph: GraphLowering
  ) throws(CompileError) {
    let ports = PlanCompiler.ports(of: model, model.outputs, in: graph)
    let image = PlanCompiler.ports(of: model, model.inputs, in: graph)
    var wanted: [PlanCompiler.Port] = []
    var sendsImage = false
    for path in manifest.paths {
      if let send = path.send {
        let port = path.device == nil ? image.first : ports.first { $0.name == send.tensor }
        wanted.append(try Self.checked(port, send: send))
        sendsImage = sendsImage || path.device == nil
      }
      for exit in path.deviceExits {
        let port = ports.first { $0.name == exit.tensor }
        wanted.append(try Self.checked(port, exit: exit, classes: manifest.labels.count))
      }
    }
    var buffers: [Int] = []
    for port in wanted where !buffers.contains(port.buffer) { buffers.append(port.buffer) }
    self.buffers = buffers
    let names = Set(
      manifest.paths.filter { $0.device != nil }.flatMap { path in
        path.sends.map(\.tensor) + path.deviceExits.map(\.tensor)
      })
    // Of two outputs of one name, the first is meant.
    let named = ports.enumerated().filter { index, port in
      names.contains(port.name) && ports.firstIndex { $0.name == port.name } == index
    }
    outputs = named.map(\.element) + (sendsImage ? image : [])
    imageIndex = sendsImage ? outputs.count - 1 : nil
  }

  private static func checked(
    _ port: PlanCompiler.Port?, send: BundleManifest.Send
  ) throws(CompileError) -> PlanCompiler.Port {
    guard let port else {
      throw .invalidBundle(reason: "the graph has no output '\(send.tensor)' to send")
    }
    guard port.type == .int8, port.shape.count == 4, port.shape[0] == 1 else {
      throw .invalidBundle(
        reason: "the output to send '\(send.tensor)' is \(port.type) \(port.shape), not int8 "
          + "[1, height, width, channels]")
    }
    return port
  }

  private static func checked(
    _ port: PlanCompiler.Port?, exit: BundleManifest.Exit, classes: Int
  ) throws(CompileError) -> PlanCompiler.Port {
    guard let port else {
      throw .invalidBundle(
        reason: "the graph has no output '\(exit.tensor)' for the exit '\(exit.name)'")
    }
    guard port.type == .int8, port.byteCount == classes, port.shape.last == classes else {
      throw .invalidBundle(
        reason: "the exit '\(exit.name)', the output '\(exit.tensor)', is \(port.type) "
          + "\(port.shape), not int8 [1, \(classes)]")
    }
    return port
  }
}

// MARK: Records

extension PathTargets {
  /// What the image has beside operators and tensors.
  ///
  /// - Throws: ``CompileError`` where a list of a send or an exit does not go with the channels.
  func tables(
    _ manifest: BundleManifest, digest: [UInt8], order: OperatorOrder,
    coderTables: (BundleManifest.Send) -> [UInt8]?
  ) throws(CompileError) -> BundleTables {
    var tables = BundleTables(
      digest: digest, classCount: manifest.labels.count, scheme: PlanScheme(manifest.scheme),
      blocks: order.blocks)
    for path in manifest.paths {
      var exits: [BundleTables.Exit] = []
      for exit in path.exits {
        exits.append(
          exit.place == .server ? .server : .device(try deviceExit(exit, of: path, order)))
      }
      var send: BundleTables.Send?
      if let sent = path.send {
        send = try self.send(sent, of: path, order, coderTables: coderTables(sent) ?? [])
      }
      tables.paths.append(BundleTables.Path(send: send, exits: exits))
    }
    return tables
  }

  private func send(
    _ send: BundleManifest.Send, of path: BundleManifest.Path, _ order: OperatorOrder,
    coderTables: [UInt8]
  ) throws(CompileError) -> BundleTables.Send {
    let index = output(of: path)
    let all = outputs[index].shape[3]
    if let channel = send.channels?.first(where: { $0 >= all }) {
      throw .invalidBundle(
        reason: "channel \(channel) of '\(send.tensor)' is to be sent, which has \(all)")
    }
    let channels = send.channels?.count ?? all
    for (count, what) in [
      (send.symbols.count, "symbol tables"), (send.missing.count, "missing values"),
    ] where count > 1 && count != channels {
      throw .invalidBundle(reason: "\(count) \(what) for \(channels) channels of '\(send.tensor)'")
    }
    let codec = path.codec.flatMap(PlanCoder.init)
    return BundleTables.Send(
      tensor: index, blocks: mask(index, order), channels: send.channels ?? [],
      symbolTables: send.symbols.map(\.symbolOf), alphabetSize: send.alphabetSize,
      coder: codec ?? PlanCoder(send.coder.name),
      coderTables: path.codec?.jpegSettings?.tables() ?? coderTables)
  }

  private func deviceExit(
    _ exit: BundleManifest.Exit, of path: BundleManifest.Path, _ order: OperatorOrder
  ) throws(CompileError) -> BundleTables.DeviceExit {
    let index = self.index(named: exit.tensor)
    let alpha = exit.alpha ?? []
    if alpha.count > 1 {
      let channels = path.send?.channels?.count ?? outputs[output(of: path)].shape[3]
      guard alpha.count == channels + 1 else {
        throw .invalidBundle(
          reason: "\(alpha.count) numbers of alpha at the exit '\(exit.name)'; \(channels) "
            + "channels have 1 or \(channels + 1)")
      }
    }
    guard let quantisation = outputs[index].quantisation else {
      preconditionFailure("int8 logits have a scale")
    }
    return BundleTables.DeviceExit(
      tensor: index, blocks: mask(index, order),
      threshold: exit.threshold ?? PlanFormat.Exit.never,
      confidence: ConfidenceTable.numbers(
        scale: quantisation.scale, temperature: exit.temperature),
      alpha: alpha)
  }

  /// The output that a path sends; a path that sends nothing is a caller's bug.
  private func output(of path: BundleManifest.Path) -> Int {
    if path.device == nil, let imageIndex { return imageIndex }
    guard let send = path.send else { preconditionFailure("the path '\(path.name)' sends nothing") }
    return index(named: send.tensor)
  }

  private func index(named name: String) -> Int {
    guard let index = outputs.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the output '\(name)' was found before")
    }
    return index
  }

  private func mask(_ output: Int, _ order: OperatorOrder) -> UInt32 {
    guard let target = buffers.firstIndex(of: outputs[output].buffer) else {
      preconditionFailure("an output is a target")
    }
    return order.masks[target]
  }
}

extension PlanScheme {
  init(_ scheme: BundleManifest.Scheme) {
    switch scheme {
    case .agilenn: self = .agilenn
    case .mcunet: self = .mcunet
    case .edgeOnly: self = .edgeOnly
    case .deepcod: self = .deepcod
    case .spinn: self = .spinn
    }
  }
}

extension PlanCoder {
  /// What codes a picture; nil for raw, whose values are coded as any tensor's.
  init?(_ codec: BundleManifest.Codec) {
    switch codec.name {
    case .raw: return nil
    case .jpeg: self = .jpeg
    case .png, .webp: self = .file
    }
  }

  init(_ name: BundleManifest.CoderName) {
    switch name {
    case .raw: self = .raw
    case .lzw: self = .lzw
    case .range: self = .range
    }
  }
}
