import Foundation
import Testing

@testable import ServerKit

struct TokenTests {
  @Test func onlyTheTokenMatches() {
    let token = Token([1, 2, 3, 4])
    #expect(token.matches([1, 2, 3, 4]))
    for length in 0...12 where length != 4 {
      #expect(!token.matches((0..<length).map { UInt8($0 % 4 + 1) }))
    }
    for bit in 0..<32 {
      var wrong: [UInt8] = [1, 2, 3, 4]
      wrong[bit / 8] ^= 1 << (bit % 8)
      #expect(!token.matches(wrong))
    }
    // Were a token ever empty, it would let nobody in.
    #expect(!Token([]).matches([]))
    #expect(!Token([]).matches([0]))
  }

  @Test func aTokenFile() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-token-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    func read(_ text: [UInt8]) throws -> [UInt8] {
      try Data(text).write(to: file)
      return try ServerConfiguration.token(in: file)
    }
    #expect(try read(Array("secret\n".utf8)) == Array("secret".utf8))
    #expect(try read(Array(" a b \r\n\n".utf8)) == Array(" a b".utf8))
    #expect(try read([0, 255, 10]) == [0, 255])
    #expect(try read([UInt8](repeating: 7, count: 256)).count == 256)
    for bad in [[], Array("\n\n".utf8), [UInt8](repeating: 7, count: 257)] {
      #expect(throws: ServerError.unusableToken(path: file.path, count: bad.count == 257 ? 257 : 0))
      {
        try read(bad)
      }
    }
    let missing = URL(fileURLWithPath: "/no/token")
    #expect(throws: ServerError.missingTokenFile(path: "/no/token")) {
      try ServerConfiguration.token(in: missing)
    }
  }
}
