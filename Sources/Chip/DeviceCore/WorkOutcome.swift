/// What a piece of work has come to, kept until the core says that it has ended: only then does what
/// it made exist, for the radio and for the policy.
enum WorkOutcome {
  case ran
  case coded(PathCoding.Part)
  /// Whether the exit was sure enough to answer alone.
  case asked(isSure: Bool)
}
