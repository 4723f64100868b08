public import Board
import PlanCompiler
import Report

/// What a model takes of the board's memories, whether it fits or not.
public struct MemoryUse {
  public let sramCapacity: Int
  /// Who holds what of SRAM, by offset.
  public let sram: [SRAMTenant]
  /// What found no place in SRAM.
  public let refused: [SRAMRequest]
  /// The most bytes of SRAM held at once; all that was wanted, where it does not fit.
  public let sramPeak: Int
  /// The most bytes of camera image and activations in use at once.
  public let arenaPeak: Int
  /// Bytes behind them in the arena, which convolutions' columns alone take.
  public let scratch: Int
  public let flashCapacity: Int
  /// Bytes of flash taken by the plan and the program; all that was wanted, where it does not fit.
  public let flash: Int

  public var fits: Bool { refused.isEmpty && flash <= flashCapacity }

  /// Places a plan on a board.
  ///
  /// - Parameters:
  ///   - board: with nothing placed in it but the program itself.
  ///   - place: takes the SRAM that the plan and the program around it hold.
  /// - Throws: what `place` throws, overflows apart.
  init(of plan: CompiledPlan, on board: Board, place: (Board) throws -> Void) throws {
    flashCapacity = board.flash.capacity
    sramCapacity = board.sram.capacity
    arenaPeak = plan.tensorPeak
    scratch = plan.arenaSize - plan.tensorPeak
    var flashLedger = board.flash
    do {
      try flashLedger.place("plan", bytes: plan.image.count)
      flash = flashLedger.used
    } catch {
      flash = flashLedger.used + plan.image.count
    }
    var refused: [SRAMRequest] = []
    var needed = 0
    do {
      try place(board)
    } catch let overflow as SRAMOverflow {
      refused = overflow.refused
      needed = overflow.needed
    } catch is FlashOverflow {
      // Told by `flash` already.
    }
    self.refused = refused
    sram = board.sram.map
    sramPeak = refused.isEmpty ? board.sram.peak : needed
  }

  /// `"sramPeak"` to `"fits"`.
  var members: [JSONValue.Member] {
    [
      .init("sramPeak", .integer(sramPeak)), .init("arenaPeak", .integer(arenaPeak)),
      .init("scratch", .integer(scratch)),
      .init("flash", .integer(flash)), .init("fits", .bool(fits)),
    ]
  }

  /// The map for people.
  var map: SRAMMap { SRAMMap(capacity: sramCapacity, tenants: sram, refused: refused) }

  /// `"sramMap"`: tenants by offset, then those without a place, whose offset is `null`.
  var mapMember: JSONValue.Member {
    let held = sram.map { tenant in
      Self.entry(tenant.name, offset: tenant.offset, bytes: tenant.byteCount)
    }
    let homeless = refused.map { Self.entry($0.name, offset: nil, bytes: $0.byteCount) }
    return .init("sramMap", .array(held + homeless))
  }

  private static func entry(_ name: String, offset: Int?, bytes: Int) -> JSONValue {
    .object([
      .init("name", .string(name)), .init("offset", .optional(offset)),
      .init("bytes", .integer(bytes)),
    ])
  }
}
