/// One look at the clocks, handed in by whoever owns them; cores never look themselves.
package struct Reading: Equatable, Sendable {
  /// Microseconds of a clock that never goes back; its zero means nothing.
  package var monotonicMicroseconds: UInt64
  /// Milliseconds since 1970 as the node believes; used for values, never for a decision.
  package var wallMilliseconds: UInt64

  /// A reading of both clocks.
  package init(monotonicMicroseconds: UInt64, wallMilliseconds: UInt64) {
    self.monotonicMicroseconds = monotonicMicroseconds
    self.wallMilliseconds = wallMilliseconds
  }
}
