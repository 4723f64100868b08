import DeviceCore
import FirmwareABI

/// The device program as the board calls it.
extension DeviceCore {
  mutating func actions(
    after event: DeviceEvent, at now: Microseconds
  ) throws(StatusCode) -> firmware_actions {
    do throws(DeviceFault) {
      return firmware_actions(
        try handle(event, at: now), transmit: memory.transmit, holdsReceived: holdsPrediction)
    } catch {
      throw StatusCode(error)
    }
  }

  /// Performs the work that is under way.
  mutating func perform() throws(StatusCode) -> firmware_done {
    guard let underway else { throw StatusCode(FIRMWARE_OUT_OF_TURN) }
    do throws(DeviceFault) {
      return firmware_done(try perform(underway))
    } catch {
      throw StatusCode(error)
    }
  }
}
