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
}
