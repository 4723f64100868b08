import Foundation

/// A file that is read at given places, from any number of tasks, with nothing kept in memory.
final class RecordFile: Sendable {
  let path: String
  /// In bytes, when it was opened.
  let size: Int
  private let descriptor: Int32

  init(_ url: URL) throws(DatasetError) {
    path = url.path
    // Without O_NONBLOCK, opening a pipe waits for its other end.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? .noSuchFile(path: path) : .unreadable(path: path, reason: Self.systemError())
    }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else {
      let reason = Self.systemError()
      close(descriptor)
      throw .unreadable(path: path, reason: reason)
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .unreadable(path: path, reason: "not a file")
    }
    self.descriptor = descriptor
    size = Int(information.st_size)
  }

  deinit {
    close(descriptor)
  }

  /// Exactly `count` bytes from `offset` on.
  ///
  /// - Throws: `corrupt` if the file ends before.
  func read(at offset: Int, count: Int) throws(DatasetError) -> [UInt8] {
    precondition(offset >= 0 && count >= 0)
    var failure: DatasetError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        guard let start = buffer.baseAddress else { return }
        let got = pread(descriptor, start + filled, count - filled, off_t(offset + filled))
        if got > 0 {
          filled += got
        } else if got == 0 {
          failure = .corrupt(path: path, reason: "it ends at byte \(offset + filled)")
          return
        } else if errno != EINTR {
          failure = .unreadable(path: path, reason: Self.systemError())
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The whole file, refused above `limit` bytes.
  static func contents(of url: URL, limit: Int) throws(DatasetError) -> [UInt8] {
    let file = try RecordFile(url)
    guard file.size <= limit else {
      throw .corrupt(
        path: file.path, reason: "it has \(file.size) bytes, more than the \(limit) read here")
    }
    return try file.read(at: 0, count: file.size)
  }

  /// A text file's lines that are not empty, without the white space around them.
  static func lines(of url: URL) throws(DatasetError) -> [String] {
    let bytes = try contents(of: url, limit: 16 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .corrupt(path: url.path, reason: "it is not UTF-8 text")
    }
    return text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  private static func systemError() -> String {
    String(cString: strerror(errno))
  }
}
