import Testing

@testable import Board

struct FlashTests {
  @Test func tenantsFollowOneAnotherAligned() throws {
    var flash = Flash(capacity: 100)
    try flash.place("program", bytes: 33)
    try flash.place("plan", bytes: 52)
    #expect(flash.map.map(\.offset) == [0, 48])
    #expect(flash.used == 100)
  }

  @Test(arguments: [53, Int.max, -1])
  func whatDoesNotFitIsRefusedInOneLine(bytes: Int) throws {
    var flash = Flash(capacity: 100)
    try flash.place("program", bytes: 33)
    let overflow = #expect(throws: FlashOverflow.self) { try flash.place("plan", bytes: bytes) }
    #expect(overflow?.exitStatus == 65)
    #expect(
      overflow?.description
        == "the model does not fit into flash: plan has \(bytes) bytes, flash 100; it holds "
        + "program 33")
    #expect(flash.map.count == 1)
  }
}
