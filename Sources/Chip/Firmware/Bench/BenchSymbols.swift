import FeatureCoding
import Firmware

/// Writes the symbols of the features in the arena, which the device program itself codes as they
/// come, and gives their number; with room for none, the number alone.
@_cdecl("bench_symbols")
func benchSymbols(symbols: UnsafeMutableRawPointer?, capacity: UInt32) -> UInt32 {
  guard let sender = program?.sender else { return 0 }
  let count = UInt32(sender.quantiser.symbolCount)
  guard capacity > 0 else { return count }
  let room = UnsafeMutableRawBufferPointer(start: symbols, count: Int(capacity))
  guard (try? sender.quantiser.quantise(features: sender.features, into: room)) != nil else {
    return 0
  }
  return count
}
