import CommandLineKit
import Foundation
import Testing

@testable import DeviceKit

@Suite struct SmallPartsTests {
  @Test func addresses() {
    #expect(ServerAddress("localhost:7433") == ServerAddress(host: "localhost", port: 7433))
    #expect(ServerAddress("10.0.0.7:1") == ServerAddress(host: "10.0.0.7", port: 1))
    #expect(ServerAddress("[::1]:65535") == ServerAddress(host: "::1", port: 65535))
    #expect(ServerAddress("[::1]:65535")?.description == "[::1]:65535")
    #expect(ServerAddress("host:80")?.description == "host:80")
    for text in [
      "", ":", "host", "host:", ":80", "host:0", "host:65536", "host:-1", "::1:80", "[]:1",
    ] {
      #expect(ServerAddress(text) == nil, "'\(text)'")
    }
  }

  @Test func orders() {
    #expect(ImageOrder.indices(total: 5, count: nil, seed: nil) == [0, 1, 2, 3, 4])
    #expect(ImageOrder.indices(total: 5, count: 2, seed: nil) == [0, 1])
    #expect(ImageOrder.indices(total: 5, count: 9, seed: nil) == [0, 1, 2, 3, 4])
    #expect(ImageOrder.indices(total: 0, count: 3, seed: 1).isEmpty)
    for total in 1...40 {
      for seed in 0..<10 as Range<UInt64> {
        let all = ImageOrder.indices(total: total, count: nil, seed: seed)
        #expect(all.sorted() == Array(0..<total))
        for count in 0...total {
          #expect(
            ImageOrder.indices(total: total, count: count, seed: seed) == Array(all[..<count]))
        }
      }
    }
    let one = ImageOrder.indices(total: 1000, count: 50, seed: 1)
    #expect(one != ImageOrder.indices(total: 1000, count: 50, seed: 2))
    #expect(one != Array(0..<50))
  }

  /// Each place in the order is as likely for each image.
  @Test func ordersAreEven() {
    var firsts = [Int](repeating: 0, count: 8)
    for seed in 0..<8000 as Range<UInt64> {
      firsts[ImageOrder.indices(total: 8, count: 1, seed: seed)[0]] += 1
    }
    #expect(firsts.allSatisfy { (880...1120).contains($0) }, "\(firsts)")
  }

  @Test func statusLineShowsNowAndThen() {
    var written = ""
    let line = StatusLine(isWatched: true) { written += $0 }
    line.update(at: 0) { "a" }
    line.update(at: 0.05) { "b" }
    line.update(at: 0.11) { "c" }
    line.note("warning")
    line.clear()
    #expect(written == "\r\u{1B}[Ka\r\u{1B}[Kc\r\u{1B}[Kwarning\n")
  }

  @Test func statusLineUnwatched() {
    var written = ""
    let line = StatusLine(isWatched: false) { written += $0 }
    line.update(at: 0) { "a" }
    line.clear()
    line.note("warning")
    #expect(written == "warning\n")
  }

  @Test func table() async throws {
    let settings = try Rig.settings()
    let (_, outcome) = try await Rig.receipts(settings, count: 20)
    let text = try SummaryTable(bundle: Rig.bundle(), outcome: outcome, settings: settings).text
    for row in [
      "agilenn for digits on stm32f746", "216 MHz, kernels swift, wifi-6mbps", "combined",
      "local alone", "remote alone", "server: run", "1.000", "99 of 100 within",
      "SRAM at its peak", "of 327680 B",
      "of 1048576 B",
    ] {
      #expect(text.contains(row), "\(row)")
    }
    #expect(!text.contains("answered by the local network alone"))
  }
}
