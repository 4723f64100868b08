import ArgumentParser

/// A camera's image as a command line has it: `320x240`.
public struct CameraSize: Sendable {
  public let width: Int
  public let height: Int

  public init(_ text: String) throws {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1], width > 0, height > 0
    else { throw ValidationError("'\(text)' is no size such as 320x240.") }
    self.width = width
    self.height = height
  }
}
