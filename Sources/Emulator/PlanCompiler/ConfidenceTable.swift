import Foundation
import MCUKernels

/// The table that gives a device exit's confidence: exp(-d · scale / temperature) for differences d of
/// int8 logits.
public enum ConfidenceTable {
  /// Computed in double precision and rounded once.
  ///
  /// - Parameters:
  ///   - scale: of the logits, above 0.
  ///   - temperature: above 0.
  public static func numbers(scale: Float, temperature: Float) -> [Float] {
    (0..<PlanFormat.confidenceTableCount).map { difference in
      Float(exp(-Double(difference) * (Double(scale) / Double(temperature))))
    }
  }
}
