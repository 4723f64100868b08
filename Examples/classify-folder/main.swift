// Classifies the PNG and JPEG files of a folder on an emulated STM32F746, without a server.
//
//     swift run classify-folder Config/models/digits/agilenn FOLDER

import Board
import BundleFormat
import DeviceKit
import ExitStatus
import Foundation

/// Standard output holds results alone, so that another program can read it.
func end(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("classify-folder: \(message)\n".utf8))
  exit(status)
}

func classify(folder: URL, bundle directory: URL) async throws {
  // Opening checks every file against the manifest: nothing runs on a damaged bundle.
  let bundle = try ModelBundle(directory: directory)
  let found = try? FileManager.default
    .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
  let files = (found ?? [])
    .filter { ["png", "jpg", "jpeg"].contains($0.pathExtension.lowercased()) }
    // The system lists files in no order.
    .sorted { $0.lastPathComponent < $1.lastPathComponent }
  guard !files.isEmpty else {
    end("there is no PNG or JPEG file in \(folder.path)", status: ExitStatus.missingInput.rawValue)
  }

  // Board and kernel preset decide how much time and energy an image costs.
  let config = try ConfigStore.locate()
  let settings = try DeviceRun.Settings(
    board: config.board("stm32f746"), kernels: config.kernels("swift"))
  // Without a server the bundle's local network answers; a bundle that has none throws here.
  _ = try await DeviceRun(bundle: bundle, settings: settings).run(
    ImageSource(files: files, count: nil, seed: nil), server: nil,
    warn: { _ in },
    each: { receipt in
      let label = receipt.answer.map { bundle.manifest.labels[$0] } ?? "no answer"
      let milliseconds = Double(receipt.totalMicroseconds) / 1000
      let millijoules = Double(receipt.energy.total) / 1000
      let name = files[receipt.index].lastPathComponent
      // Not `print`, which says nothing of a full disk.
      try FileHandle.standardOutput.write(
        contentsOf: Data("\(name): \(label), \(milliseconds) ms, \(millijoules) mJ\n".utf8))
    })
}

guard CommandLine.arguments.count == 3 else {
  end("usage: classify-folder BUNDLE FOLDER", status: ExitStatus.usage.rawValue)
}
do {
  try await classify(
    folder: URL(fileURLWithPath: CommandLine.arguments[2], isDirectory: true),
    bundle: URL(fileURLWithPath: CommandLine.arguments[1], isDirectory: true))
} catch {
  // The libraries' errors are one clear line each, and know the exit status that goes with them.
  end("\(error)", status: (error as? any ExitStatusProviding)?.exitStatus ?? 1)
}
