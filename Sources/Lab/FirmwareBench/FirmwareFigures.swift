import Foundation

/// What the firmware takes of the chip, in bytes: `Config/firmware.yaml`.
public struct FirmwareFigures: Equatable, Sendable {
  /// Flash: vectors, code, constants and the initial values of data.
  public var code: Int
  /// SRAM of data, zeroed data included.
  public var staticData: Int
  /// The deepest stack that was seen.
  public var stackUsed: Int
  /// The compiler that built it: figures of another are other figures.
  public var compiler: String

  /// SRAM to be set aside for the stack: what was seen and a quarter more, for paths that no
  /// measurement took, and 512 bytes for interrupts (an exception saves 108 bytes with the FPU's
  /// registers, and a handler has some of its own), to whole 256 bytes.
  public var stack: Int {
    (stackUsed + stackUsed / 4 + 512 + 255) / 256 * 256
  }

  public init(code: Int, staticData: Int, stackUsed: Int, compiler: String) {
    self.code = code
    self.staticData = staticData
    self.stackUsed = stackUsed
    self.compiler = compiler
  }

  /// The sizes of an image as its symbols have them.
  ///
  /// - Throws: ``BenchError``.
  public init(of bench: ChipBench, stackUsed: Int) throws(BenchError) {
    let symbols = try ELFSymbols(path: bench.image)
    func distance(_ from: String, _ to: String) throws(BenchError) -> Int {
      Int(try symbols.address(of: to)) - Int(try symbols.address(of: from))
    }
    guard let compiler = bench.read("compiler.txt", in: bench.folder) else {
      throw .unreadable(bench.folder.appendingPathComponent("compiler.txt").path)
    }
    self.init(
      code: try distance("__flash_start", "__code_end"),
      staticData: try distance("__stack_top", "__pool_start"), stackUsed: stackUsed,
      compiler: String(decoding: compiler, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// The file's text.
  public var text: String {
    """
    # What the firmware takes of the chip, in bytes, as `scripts/firmware --record` measured it; boards
    # that run it and the linker script take their figures from here (docs/firmware.md).
    code: \(code)  # flash: vectors, code, constants, initial values of data
    static: \(staticData)  # SRAM: data and zeroed data
    stack: \(stack)  # SRAM: stackUsed, a quarter more and 512 for interrupts, to whole 256
    stackUsed: \(stackUsed)  # the deepest of all bundles and operator models
    compiler: "\(compiler)"

    """
  }

  /// Reads the file's text; nil where it lacks something.
  public init?(text: String) {
    func value(_ key: String) -> String? {
      text.split(separator: "\n").first { $0.hasPrefix("\(key):") }.map { line in
        line.dropFirst(key.count + 1).prefix { $0 != "#" }
          .trimmingCharacters(in: CharacterSet(charactersIn: " \""))
      }
    }
    guard let code = value("code").flatMap(Int.init),
      let staticData = value("static").flatMap(Int.init),
      let stackUsed = value("stackUsed").flatMap(Int.init), let compiler = value("compiler")
    else { return nil }
    self.init(code: code, staticData: staticData, stackUsed: stackUsed, compiler: compiler)
  }
}
