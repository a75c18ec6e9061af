/// A node was seen to lead.
package struct LeaderSight: Equatable, Sendable {
  /// When it was first seen, in microseconds since the beginning of the run.
  package var at: Int64
  /// Which.
  package var node: Int
  /// In which term.
  package var term: UInt64
}
