import Credentials
import Foundation
import Testing

@Suite("The token file of device and server")
struct TokenFileTests {
  @Test func aTokenWithoutTheLinesEnd() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-token-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    func read(_ text: [UInt8]) throws -> [UInt8] {
      try Data(text).write(to: file)
      return try TokenFile.read(file)
    }
    #expect(try read(Array("secret\n".utf8)) == Array("secret".utf8))
    #expect(try read(Array(" a b \r\n\n".utf8)) == Array(" a b".utf8))
    #expect(try read([0, 255, 10]) == [0, 255])
    #expect(try read([UInt8](repeating: 7, count: 256)).count == 256)
    for bad in [[], Array("\n\n".utf8), [UInt8](repeating: 7, count: 257)] {
      #expect(throws: TokenFileError.unusable(path: file.path, count: bad.count == 257 ? 257 : 0)) {
        try read(bad)
      }
    }
    let missing = URL(fileURLWithPath: "/no/token")
    #expect(throws: TokenFileError.missing(path: "/no/token")) {
      try TokenFile.read(missing)
    }
  }
}
