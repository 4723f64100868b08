public import Foundation

/// Reads files that somebody names and that may be anything at all.
public enum BoundedFile {
  /// Why there is no content.
  public enum Failure: Error, Equatable, Sendable {
    case missing
    /// The system's reason.
    case unreadable(String)
    /// A folder, or a pipe or a device, which could block or never end.
    case notAFile
    case tooLong
  }

  /// The whole content of a regular file of at most `limit` bytes.
  public static func read(_ path: String, limit: Int) throws(Failure) -> Data {
    // Without O_NONBLOCK, opening a pipe waits for its other end.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .missing : .unreadable(String(cString: strerror(errno)))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      throw .notAFile
    }
    let content: Data
    do {
      content = try handle.read(upToCount: limit + 1) ?? Data()
    } catch {
      throw .unreadable(error.localizedDescription)
    }
    guard content.count <= limit else { throw .tooLong }
    return content
  }
}
