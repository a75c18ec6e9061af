/// A node of a cluster on this machine, as it says itself, or as its process shows.
package struct NodeView: Equatable, Sendable {
  /// Its number.
  package let id: Int
  /// Its process; nil while there is none.
  package let pid: Int32?
  /// `leader`, `follower` or `candidate`; `paused` or `down` if it cannot say; `silent` if it
  /// should and does not.
  package let role: String
  /// What it makes of its state: `sound`, `unsettled` or `fenced`; nil if it said nothing.
  package let state: String?
  /// Where clients reach it.
  package let address: String
  /// Its term, commit index and applied index; nil if it said nothing.
  package let term: UInt64?
  /// The newest entry that it knows to be committed.
  package let commit: UInt64?
  /// The newest entry in its state.
  package let applied: UInt64?
}
