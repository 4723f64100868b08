import Foundation

extension DatasetError {
  /// What the system said, which Foundation wraps.
  private static func reason(_ error: any Error) -> String {
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    return cause.domain == NSPOSIXErrorDomain
      ? String(cString: strerror(Int32(cause.code))) : cause.localizedDescription
  }

  /// Turns what Foundation throws into our error about a path.
  static func attempt(_ url: URL, _ body: () throws -> Void) throws(DatasetError) {
    do {
      try body()
    } catch let error as DatasetError {
      throw error
    } catch {
      throw .unwritable(path: url.path, reason: reason(error))
    }
  }
}
