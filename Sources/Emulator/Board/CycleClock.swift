public import ExitStatus

/// The core's clock: counts cycles and turns them into time.
public struct CycleClock: Equatable, Sendable {
  public let megahertz: Double
  /// Cycles charged so far.
  public private(set) var cycles = 0

  /// - Parameters:
  ///   - range: the clocks that the board can run at, MHz.
  /// - Throws: ``ClockOutOfRange``.
  public init(megahertz: Double, range: ClosedRange<Double>) throws(ClockOutOfRange) {
    guard range.contains(megahertz) else {
      throw ClockOutOfRange(megahertz: megahertz, range: range)
    }
    self.megahertz = megahertz
  }

  /// Counts cycles.
  ///
  /// - Returns: the time that they take, µs.
  @discardableResult
  public mutating func charge(_ cycles: Int) -> Double {
    precondition(cycles >= 0, "cycles are not taken back")
    let (sum, overflow) = self.cycles.addingReportingOverflow(cycles)
    self.cycles = overflow ? Int.max : sum
    return microseconds(cycles)
  }

  /// The time that a number of cycles takes, µs.
  public func microseconds(_ cycles: Int) -> Double {
    Double(cycles) / megahertz
  }
}

/// A clock was asked for that the board cannot run at.
public struct ClockOutOfRange: Error, Equatable, Sendable {
  public let megahertz: Double
  public let range: ClosedRange<Double>
}

extension ClockOutOfRange: CustomStringConvertible {
  public var description: String {
    "a clock of \(megahertz.formatted) MHz is out of range: the board runs at "
      + "\(range.lowerBound.formatted) to \(range.upperBound.formatted) MHz"
  }
}

extension ClockOutOfRange: ExitStatusProviding {
  public var exitStatus: Int32 { ExitStatus.usage.rawValue }
}

extension Double {
  /// Without a fraction where it has none.
  fileprivate var formatted: String {
    self == rounded() && magnitude < 1e9 ? String(Int(self)) : String(self)
  }
}
