/// What the device has learnt of each of its paths, for a scheme that chooses among them: in memory of the
/// pool, because a plan may have many.
struct PathEstimates {
  /// Bytes for each path.
  static let entrySize = 16

  /// Of one path. Each figure moves a quarter of the way to what was seen last.
  struct Entry {
    /// The core's time from the image to the last coded byte, in microseconds; 0 where it is not known.
    var core: UInt32 = 0
    /// Bytes of an image's payload; 0 where it is not known.
    var payload: UInt32 = 0
    /// The server's work, in microseconds, and whether it is known.
    var server: UInt32 = 0
    var knowsServer: UInt32 = 0
  }

  private let entries: UnsafeMutablePointer<Entry>?
  private let count: Int

  /// Of nobody who chooses.
  init() {
    entries = nil
    count = 0
  }

  /// - Parameter memory: ``entrySize`` bytes for each path, aligned to four; it must outlive the estimates.
  init(in memory: UnsafeMutableRawBufferPointer) {
    count = memory.count / Self.entrySize
    entries = memory.baseAddress?.assumingMemoryBound(to: Entry.self)
  }

  /// Before the first image: nothing is known.
  func clear() { entries?.initialize(repeating: Entry(), count: count) }

  /// What an image has shown, once the next one begins.
  func take(_ image: ImageState) {
    if image.isCodedWhole {
      coded(image.payloadBytes, in: image.sendTime, path: image.number)
    }
    if let time = image.serverTime { answered(serverTime: time, path: image.number) }
  }

  /// What is known of a path; zeros where nothing is.
  subscript(path: Int) -> Entry {
    guard let entries, path >= 0, path < count else { return Entry() }
    return entries[path]
  }

  private func coded(_ payload: Int, in time: Microseconds, path: Int) {
    guard let entries, path >= 0, path < count else { return }
    entries[path].core = Self.moved(entries[path].core, towards: max(1, UInt32(clamping: time)))
    entries[path].payload = Self.moved(
      entries[path].payload, towards: max(1, UInt32(clamping: payload)))
  }

  private func answered(serverTime: Microseconds, path: Int) {
    guard let entries, path >= 0, path < count else { return }
    let seen = UInt32(clamping: serverTime)
    let old = entries[path].server
    entries[path].server = entries[path].knowsServer == 0 ? seen : Self.moved(old, towards: seen)
    entries[path].knowsServer = 1
  }

  private static func moved(_ old: UInt32, towards new: UInt32) -> UInt32 {
    guard old > 0 else { return new }
    return new >= old ? old + (new - old) / 4 : old - (old - new) / 4
  }
}
