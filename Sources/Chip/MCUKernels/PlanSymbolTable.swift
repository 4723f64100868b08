/// How a plan's int8 features become symbols: one table of 256 for all channels, or one for each.
public struct PlanSymbolTable {
  /// 1, or the number of feature channels.
  public let channels: Int
  /// Symbols run from 0 to below this; at most 256.
  public let alphabetSize: Int
  private let tables: UnsafePointer<UInt8>

  init(channels: Int, alphabetSize: Int, tables: UnsafePointer<UInt8>) {
    self.channels = channels
    self.alphabetSize = alphabetSize
    self.tables = tables
  }

  /// The 256 symbols of a feature channel, indexed by the int8 value + 128; they lie in the image.
  ///
  /// With one table every channel has it. A channel that the plan does not have is a caller's bug.
  public func symbolOf(channel: Int) -> UnsafePointer<UInt8> {
    guard channels > 1 else { return tables }
    precondition(channel >= 0 && channel < channels)
    return tables + 256 * channel
  }
}

/// A table is a view of the plan's immutable image.
extension PlanSymbolTable: @unchecked Sendable {}
