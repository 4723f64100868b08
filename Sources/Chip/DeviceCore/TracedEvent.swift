#if !hasFeature(Embedded)
  /// An event as the device program was told it, and what the program made of it: what drivers on the
  /// host record, so that two runs of the program can be held against each other.
  public struct TracedEvent: Equatable, Sendable {
    public var event: DeviceEvent
    public var instant: Microseconds
    /// What came with the event: the image's pixels, the frame that was received.
    public var bytes: [UInt8] = []
    public var actions = DeviceActions()
    /// Why the program could not take the event, if it could not; then there are no actions.
    public var fault: DeviceFault?
    /// The bytes that the actions give the radio.
    public var sent: [UInt8] = []
    /// What the work that the actions give out came to.
    public var done: DeviceWorkDone?
    /// Why that work could not be done, if it could not.
    public var workFault: DeviceFault?
    /// Whether the receive buffer is in use after the event: ``DeviceCore/holdsPrediction``.
    public var holdsReceived = false

    public init(_ event: DeviceEvent, at instant: Microseconds, bytes: [UInt8] = []) {
      self.event = event
      self.instant = instant
      self.bytes = bytes
    }
  }
#endif
