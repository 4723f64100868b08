import FirmwareBench
import Foundation
import PlanCompiler
import Testing

/// An image for the board itself: what does not fit its memories does not link.
@Suite(.serialized, .enabled(if: FirmwareUnderTest.isAvailable, FirmwareUnderTest.skipped))
struct BoardImageTests {
  private static let support = """
    #include <firmware.h>
    extern const uint8_t __plan_start[], __plan_end[];
    extern uint8_t __pool_start[], __ram_end[];
    int main(void) {
      firmware_actions actions;
      firmware_done done;
      uint64_t now = 0;
      uint32_t event = FIRMWARE_IMAGE, status = firmware_start(
          __plan_start, (uint32_t)(__plan_end - __plan_start), __pool_start,
          (uint32_t)(__ram_end - __pool_start), 0);
      while (status == FIRMWARE_OK) {
        status = firmware_handle(event, 0, now++, &actions);
        event = FIRMWARE_IMAGE;
        if (status == FIRMWARE_OK && actions.work) {
          status = firmware_perform(&done);
          event = FIRMWARE_WORK_DONE;
        }
      }
      board_stop(status);
    }
    _Noreturn void board_stop(uint32_t status) {
      for (;;) __asm volatile("wfi" ::"r"(status));
    }

    """

  /// Links an image with a plan, and more of C besides.
  private func link(plan: [UInt8], extra: String = "") throws {
    _ = try FirmwareUnderTest.bench.get()
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("agilenn-board-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("my.bench.c")
    let planFile = folder.appendingPathComponent("device.plan")
    try (Self.support + extra).write(to: source, atomically: true, encoding: .utf8)
    try Data(plan).write(to: planFile)
    try FirmwareUnderTest.run(
      FirmwareUnderTest.script,
      [
        "--out", FirmwareUnderTest.folder.path, "--support", source.path, "--plan", planFile.path,
      ])
  }

  @Test func aPlanInTheBoardsFlash() throws {
    let plan = try #require(CommittedModels.all.first).compiled().plan.image
    try link(plan: plan)
    let image = FirmwareUnderTest.folder.appendingPathComponent("board.elf")
    let symbols = try ELFSymbols(path: image.path)
    #expect(try symbols.address(of: "__flash_start") == 0x0800_0000)
    #expect(try symbols.address(of: "__flash_end") == 0x0810_0000)
    #expect(try symbols.address(of: "__ram_start") == 0x2000_0000)
    #expect(try symbols.address(of: "__ram_end") == 0x2005_0000)
    let start = try symbols.address(of: "__plan_start")
    #expect(start % 16 == 0)
    #expect(start >= (try symbols.address(of: "__code_end")))
    #expect(try symbols.address(of: "__plan_end") - start == plan.count)
    #expect(try Data(contentsOf: image).range(of: Data(plan)) != nil)
    #expect(throws: BenchError.noSymbol("bench_main")) {
      _ = try symbols.address(of: "bench_main")
    }
  }

  @Test func whatIsNoPlanIsRefused() throws {
    for plan in [[], Array("AGN".utf8), Array(repeating: 7, count: 400)] {
      let refusal = #expect(throws: FirmwareUnderTest.Failure.self) { try link(plan: plan) }
      #expect(refusal?.description.contains("is no plan") == true)
    }
  }

  @Test func whatIsTooLargeDoesNotLink() throws {
    let plan = try #require(CommittedModels.all.first).compiled().plan.image
    let flash = #expect(throws: FirmwareUnderTest.Failure.self) {
      try link(plan: plan + Array(repeating: 0, count: 1 << 20))
    }
    #expect(flash?.description.contains("will not fit in region 'FLASH'") == true)
    let sram = #expect(throws: FirmwareUnderTest.Failure.self) {
      try link(plan: plan, extra: "__attribute__((used, retain)) uint8_t large[327680];\n")
    }
    #expect(sram?.description.contains("will not fit in region 'RAM'") == true)
  }

  @Test func anUnknownOptionIsRefused() throws {
    for arguments in [["--plan", "/nonexistent", "--support", "x.c"], ["--out"], ["--huh", "1"]] {
      let failure = #expect(throws: FirmwareUnderTest.Failure.self) {
        try FirmwareUnderTest.run(FirmwareUnderTest.script, arguments)
      }
      #expect(failure?.status == 1)
      #expect(failure?.description.hasPrefix("firmware: ") == true)
    }
  }
}
