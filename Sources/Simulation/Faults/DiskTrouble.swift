/// What is wrong with a simulated disk besides its power.
struct DiskTrouble {
  /// Whether the next sync fails and forgets what it was to write (D4).
  var failsNextSync = false
  /// Whether the next write fails in its middle (D6).
  var failsNextWrite = false
  /// How many bytes the files may still grow; nil for as many as they like (D7).
  var freeBytes: Int?
  /// Whether a call failed for want of space.
  var wasSpaceMissed = false
  /// Why the call that failed last did so, if this is why.
  var failure: FaultKind?
}
