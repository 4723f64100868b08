import MCUKernels

/// Where an image has the tables of its blocks and paths.
struct PathTables {
  let blocks: Int
  let paths: Int
  let sends: Int
  let exits: Int
  let sendCount: Int
  let exitCount: Int
}

extension ImageWriter {
  /// Writes blocks, paths, sends and exits, and behind them the tables that they name.
  mutating func writePaths(_ tables: BundleTables, stored: inout [[UInt8]: Int]) -> PathTables {
    let sends = tables.paths.compactMap(\.send)
    let exits = tables.paths.flatMap(\.exits)
    let blocksOffset = reserve(tables.blocks.count * PlanFormat.blockEntrySize)
    for (index, block) in tables.blocks.enumerated() {
      store(UInt32(block.upperBound), at: blocksOffset + index * PlanFormat.blockEntrySize)
    }
    let pathsOffset = reserve(tables.paths.count * PlanFormat.pathRecordSize)
    let sendsOffset = reserve(sends.count * PlanFormat.sendRecordSize)
    let exitsOffset = reserve(exits.count * PlanFormat.exitRecordSize)
    var (nextSend, nextExit) = (0, 0)
    for (index, path) in tables.paths.enumerated() {
      write(
        path, firstSend: nextSend, firstExit: nextExit,
        at: pathsOffset + index * PlanFormat.pathRecordSize)
      nextSend += path.send == nil ? 0 : 1
      nextExit += path.exits.count
    }
    for (index, send) in sends.enumerated() {
      write(send, at: sendsOffset + index * PlanFormat.sendRecordSize, stored: &stored)
    }
    for (index, exit) in exits.enumerated() {
      write(exit, at: exitsOffset + index * PlanFormat.exitRecordSize, stored: &stored)
    }
    return PathTables(
      blocks: blocksOffset, paths: pathsOffset, sends: sendsOffset, exits: exitsOffset,
      sendCount: sends.count, exitCount: exits.count)
  }

  private mutating func write(
    _ path: BundleTables.Path, firstSend: Int, firstExit: Int, at offset: Int
  ) {
    typealias Path = PlanFormat.Path
    store(path.send == nil ? 0 : Path.flagRemote, at: offset + Path.flags)
    store(path.send == nil ? Path.none : UInt16(firstSend), at: offset + Path.send)
    store(UInt16(firstExit), at: offset + Path.firstExit)
    store(UInt16(path.exits.count), at: offset + Path.exitCount)
  }

  private mutating func write(
    _ send: BundleTables.Send, at offset: Int, stored: inout [[UInt8]: Int]
  ) {
    typealias Send = PlanFormat.Send
    store(UInt16(send.tensor), at: offset + Send.tensor)
    store(send.coder.rawValue, at: offset + Send.coder)
    store(send.blocks, at: offset + Send.blocks)
    if !send.channels.isEmpty {
      let channels = send.channels.flatMap { UInt16($0).littleEndianBytes }
      store(UInt32(append(channels, once: &stored)), at: offset + Send.channelsOffset)
    }
    store(UInt16(send.channels.count), at: offset + Send.channelCount)
    if !send.symbolTables.isEmpty {
      let tables = append(send.symbolTables.flatMap(\.self), once: &stored)
      store(UInt32(tables), at: offset + Send.symbolsOffset)
    }
    store(UInt16(send.symbolTables.count), at: offset + Send.symbolTableCount)
    store(UInt16(send.alphabetSize), at: offset + Send.alphabetSize)
    if !send.coderTables.isEmpty {
      let tables = append(send.coderTables, once: &stored)
      store(UInt32(tables), at: offset + Send.coderTablesOffset)
      store(UInt32(send.coderTables.count), at: offset + Send.coderTablesLength)
    }
  }

  private mutating func write(
    _ exit: BundleTables.Exit, at offset: Int, stored: inout [[UInt8]: Int]
  ) {
    typealias Exit = PlanFormat.Exit
    guard case .device(let exit) = exit else {
      store(Exit.placeServer, at: offset + Exit.place)
      store(Exit.never.bitPattern, at: offset + Exit.threshold)
      return
    }
    store(Exit.placeDevice, at: offset + Exit.place)
    store(UInt16(exit.tensor), at: offset + Exit.tensor)
    store(exit.blocks, at: offset + Exit.blocks)
    store(exit.threshold.bitPattern, at: offset + Exit.threshold)
    let confidence = append(Self.bytes(exit.confidence), once: &stored)
    store(UInt32(confidence), at: offset + Exit.confidenceOffset)
    if !exit.alpha.isEmpty {
      let alpha = append(Self.bytes(exit.alpha), once: &stored)
      store(UInt32(alpha), at: offset + Exit.alphaOffset)
    }
    store(UInt16(exit.alpha.count), at: offset + Exit.alphaCount)
  }

  private static func bytes(_ numbers: [Float]) -> [UInt8] {
    numbers.flatMap(\.bitPattern.littleEndianBytes)
  }
}
