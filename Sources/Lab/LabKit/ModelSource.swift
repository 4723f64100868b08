import BundleFormat
import Foundation
import PlanCompiler
import TFLite

/// What the lab takes for a model.
enum ModelSource {
  case bundle(ModelBundle)
  /// A `.tflite` file by itself.
  case file(URL)

  /// - Throws: ``LabError/noSuchFile(_:)``; what reading a bundle throws.
  init(_ url: URL) throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw LabError.noSuchFile(url.path)
    }
    self = isDirectory.boolValue ? .bundle(try ModelBundle(directory: url)) : .file(url)
  }

  /// A `.tflite` file's plan.
  static func compile(_ file: URL) throws(LabError) -> CompiledPlan {
    do {
      return try PlanCompiler.compile(TFLiteModel(contentsOf: file))
    } catch {
      throw .unusableModel(file: file.path, reason: "\(error)")
    }
  }
}
