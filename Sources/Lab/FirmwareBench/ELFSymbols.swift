import Foundation

/// The symbols of the firmware's image: a little-endian ELF32 file of the linker's.
public struct ELFSymbols: Sendable {
  private let addresses: [String: UInt32]

  /// - Throws: ``BenchError/unreadable(_:)``; ``BenchError/malformedImage(path:)`` where the file is
  ///   no ELF32 file with a symbol table.
  public init(path: String) throws(BenchError) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw .unreadable(path)
    }
    guard let addresses = Self.parse([UInt8](data)) else { throw .malformedImage(path: path) }
    self.addresses = addresses
  }

  /// - Throws: ``BenchError/noSymbol(_:)``.
  public func address(of name: String) throws(BenchError) -> UInt32 {
    guard let address = addresses[name] else { throw .noSymbol(name) }
    return address
  }

  private static func parse(_ file: [UInt8]) -> [String: UInt32]? {
    func number(_ offset: Int, _ size: Int) -> Int? {
      guard offset >= 0, offset <= file.count - size else { return nil }
      return file[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard file.starts(with: [0x7F, 0x45, 0x4C, 0x46, 1, 1]), let sections = number(32, 4),
      let entrySize = number(46, 2), let count = number(48, 2)
    else { return nil }
    func section(_ index: Int) -> (type: Int, offset: Int, size: Int, link: Int)? {
      let at = sections + index * entrySize
      guard index < count, let type = number(at + 4, 4), let offset = number(at + 16, 4),
        let size = number(at + 20, 4), let link = number(at + 24, 4), offset + size <= file.count
      else { return nil }
      return (type, offset, size, link)
    }
    let symbolTable = 2
    guard let table = (0..<count).compactMap(section).first(where: { $0.type == symbolTable }),
      let names = section(table.link)
    else { return nil }
    var addresses: [String: UInt32] = [:]
    for at in stride(from: table.offset, to: table.offset + table.size, by: 16) {
      guard let name = number(at, 4), let value = number(at + 4, 4), name > 0, name < names.size
      else { continue }
      let text = file[(names.offset + name)..<(names.offset + names.size)].prefix { $0 != 0 }
      addresses[String(decoding: text, as: UTF8.self)] = UInt32(truncatingIfNeeded: value)
    }
    return addresses
  }
}
