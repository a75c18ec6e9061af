/// How fresh an answer must be.
public enum Consistency: Hashable, Sendable {
  /// Sees every write that was acknowledged before the read began, by whomever.
  case linearizable
  /// May come from a node that last heard the leader at most this long ago; refused with
  /// `too_stale` otherwise. What this client has seen itself is never missing.
  case stale(maxLag: Duration)
}
