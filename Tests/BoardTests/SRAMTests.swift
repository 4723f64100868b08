import SeededRandom
import Testing

@testable import Board

struct SRAMTests {
  @Test func tenantsLieOneAfterAnotherOnSixteenByteBoundaries() throws {
    let sram = SRAM(capacity: 1000)
    try sram.reserve("stack", bytes: 100)
    let camera = try sram.allocate("camera", bytes: 33)
    let activations = try sram.allocate("activations", bytes: 16)
    #expect(
      sram.map == [
        SRAMTenant(name: "stack", offset: 0, byteCount: 100),
        SRAMTenant(name: "camera", offset: 112, byteCount: 33),
        SRAMTenant(name: "activations", offset: 160, byteCount: 16),
      ])
    #expect(camera.count == 33)
    let first = try #require(camera.baseAddress)
    let second = try #require(activations.baseAddress)
    #expect(second - first == 48, "the buffers are slices of one space")
    #expect(sram.used == 112 + 48 + 16)
  }

  @Test func memoryIsRealAndHandedOutAsZeros() throws {
    let sram = SRAM(capacity: 256)
    let first = try sram.allocate("a", bytes: 64)
    for index in first.indices { first[index] = UInt8(index) }
    #expect(first.elementsEqual((0..<64).map(UInt8.init)))
    sram.release(first)
    let second = try sram.allocate("b", bytes: 64)
    #expect(second.baseAddress == first.baseAddress)
    #expect(second.allSatisfy { $0 == 0 })
  }

  @Test func firstFitTakesTheFirstGapThatIsLargeEnough() throws {
    let sram = SRAM(capacity: 160)
    let a = try sram.allocate("a", bytes: 32)
    _ = try sram.allocate("b", bytes: 16)
    let c = try sram.allocate("c", bytes: 64)
    _ = try sram.allocate("d", bytes: 16)
    sram.release(a)
    sram.release(c)
    // Gaps: 0..<32, 48..<112, 128..<160.
    _ = try sram.allocate("e", bytes: 48)
    _ = try sram.allocate("f", bytes: 32)
    #expect(sram.map.map(\.name) == ["f", "b", "e", "d"])
    #expect(sram.map.map(\.offset) == [0, 32, 48, 112])
  }

  @Test func aLargerAlignmentIsKept() throws {
    let sram = SRAM(capacity: 1024)
    try sram.reserve("a", bytes: 8)
    let page = try sram.allocate("b", bytes: 8, alignment: 256)
    let offset = try #require(sram.map.last?.offset)
    #expect(offset == 256)
    #expect(Int(bitPattern: page.baseAddress) % 256 == 0)
  }

  @Test func thePeakOutlivesARelease() throws {
    let sram = SRAM(capacity: 1024)
    let a = try sram.allocate("a", bytes: 500)
    sram.release(a)
    try sram.reserve("b", bytes: 16)
    #expect(sram.used == 16)
    #expect(sram.peak == 512)
  }

  @Test func aSpaceCanBeFilledToTheLastByte() throws {
    let sram = SRAM(capacity: 100)
    let all = try sram.allocate("all", bytes: 100)
    #expect(all.count == 100)
    all[99] = 7
    #expect(throws: SRAMOverflow.self) { try sram.reserve("more", bytes: 1) }
  }

  @Test func nothingIsAnEmptyBufferThatTheMapDoesNotShow() throws {
    let sram = SRAM(capacity: 64)
    let nothing = try sram.allocate("nothing", bytes: 0)
    #expect(nothing.count == 0)
    #expect(sram.map.isEmpty)
    sram.release(nothing)
    _ = try sram.allocate("all", bytes: 64)
    #expect(try sram.allocate("nothing", bytes: 0).count == 0)
  }

  @Test(arguments: [65, 1 << 20, Int.max, Int.max - 7, -1, Int.min])
  func whatDoesNotFitIsRefusedAndChangesNothing(bytes: Int) throws {
    let sram = SRAM(capacity: 64)
    try sram.reserve("stack", bytes: 16)
    let overflow = #expect(throws: SRAMOverflow.self) {
      try sram.allocate("model", bytes: bytes)
    }
    #expect(overflow?.refused == [SRAMRequest(name: "model", byteCount: bytes)])
    #expect(overflow?.largestGap == 48)
    #expect(overflow?.exitStatus == 65)
    #expect(sram.map.map(\.name) == ["stack"])
    #expect(sram.used == 16)
  }

  @Test func severalAreTakenAllOrNone() throws {
    let sram = SRAM(capacity: 128)
    try sram.reserve("stack", bytes: 16)
    let overflow = #expect(throws: SRAMOverflow.self) {
      try sram.allocate(all: [
        SRAMRequest(name: "camera", byteCount: 48), SRAMRequest(name: "activations", byteCount: 90),
        SRAMRequest(name: "symbols", byteCount: 32),
      ])
    }
    #expect(overflow?.tenants.map(\.name) == ["stack", "camera", "symbols"])
    #expect(overflow?.refused.map(\.name) == ["activations"])
    #expect(overflow?.needed == 186)
    #expect(sram.map.map(\.name) == ["stack"])
    #expect(sram.peak == 16)

    let buffers = try sram.allocate(all: [
      SRAMRequest(name: "camera", byteCount: 48), SRAMRequest(name: "symbols", byteCount: 10),
    ])
    #expect(buffers.map(\.count) == [48, 10])
  }

  @Test func theRefusalShowsWhoHoldsWhat() throws {
    let sram = SRAM(capacity: 327_680)
    try sram.reserve("stack", bytes: 4096)
    try sram.reserve("camera image", bytes: 27_648)
    let overflow = #expect(throws: SRAMOverflow.self) {
      try sram.reserve("activations", bytes: 300_000)
    }
    #expect(
      overflow?.description == """
        the model does not fit into SRAM: no room for activations (300000 bytes); \
        331744 bytes are needed in all, 327680 there are, the largest free piece has 295936
           offset                bytes  who
          0x00000                 4096  stack
          0x01000                27648  camera image
          no room               300000  activations
             held                31744  of 327680 bytes
        """)
  }

  /// Against the plainest first fit there is: a byte of who for each byte of memory.
  @Test(arguments: 1...40)
  func randomTrafficAgreesWithABytewiseModel(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed))
    let capacity = 16 * Int.random(in: 1...40, using: &generator) + seed % 16
    let sram = SRAM(capacity: capacity)
    var owners = [Int](repeating: 0, count: capacity)
    var held: [(buffer: UnsafeMutableRawBufferPointer, id: Int)] = []
    var peak = 0
    for id in 1...200 {
      if Bool.random(using: &generator), let index = held.indices.randomElement(using: &generator) {
        let gone = held.remove(at: index)
        #expect(gone.buffer.allSatisfy { $0 == UInt8(truncatingIfNeeded: gone.id) })
        sram.release(gone.buffer)
        for byte in owners.indices where owners[byte] == gone.id { owners[byte] = 0 }
      } else {
        let size = Int.random(in: 1...(capacity / 3 + 1), using: &generator)
        let place = stride(from: 0, through: capacity - size, by: 16).first { start in
          owners[start..<(start + size)].allSatisfy { $0 == 0 }
        }
        if let place {
          let buffer = try sram.allocate("\(id)", bytes: size)
          #expect(sram.map.first { $0.name == "\(id)" }?.offset == place)
          for byte in buffer.indices { buffer[byte] = UInt8(truncatingIfNeeded: id) }
          for byte in place..<(place + size) { owners[byte] = id }
          held.append((buffer, id))
        } else {
          #expect(throws: SRAMOverflow.self) { try sram.allocate("\(id)", bytes: size) }
        }
      }
      let used = held.reduce(0) { $0 + ($1.buffer.count + 15) / 16 * 16 }
      peak = max(peak, used)
      #expect(sram.used == used)
      #expect(sram.peak == peak)
    }
  }
}
