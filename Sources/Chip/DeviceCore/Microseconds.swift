/// A duration, or an instant since the device was switched on, in whole microseconds.
///
/// The device program reads no clock: whoever drives it says what time it is.
public typealias Microseconds = UInt64
