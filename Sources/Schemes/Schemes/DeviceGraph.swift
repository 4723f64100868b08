import BundleFormat
import PlanCompiler

/// The device graph of one of a bundle's paths.
public enum DeviceGraph {
  /// Compiles it for a camera.
  ///
  /// - Parameters:
  ///   - path: its position in the manifest's paths.
  ///   - camera: pixels that the camera delivers.
  /// - Returns: `nil` where the path has no device graph.
  /// - Throws: ``DeviceError/unusableGraph(_:)`` with the compiler's line.
  public static func compile(
    _ bundle: ModelBundle, path: Int, camera: (width: Int, height: Int)
  ) throws(DeviceError) -> CompiledPlan? {
    do {
      return try PlanCompiler.compile(bundle: bundle, path: path, camera: camera)
    } catch {
      throw .unusableGraph("\(error)")
    }
  }
}
