package import Consensus

/// How a node's results stand beside those of the others.
package struct Divergence: Equatable, Sendable {
  /// What a node makes of its own state.
  package enum Standing: String, Sendable {
    /// Nothing speaks against it, or a majority comes to the same results.
    case sound
    /// Another's results differ and no majority is known to agree: nobody can tell who is right.
    case unsettled
    /// A majority comes to other results; nothing but a restart, which replays the log, ends it.
    case fenced
  }

  /// What this node makes of its own state.
  package var standing = Standing.sound
  /// Whose results differ from ours, in order of id.
  package var differing: [NodeID] = []
  /// The newest entry through which results are known to have been equal.
  package var agreesThrough = LogIndex.zero
  /// The first entry at which they are known to differ; zero if none do.
  package var differsFrom = LogIndex.zero

  /// Why nothing computed from the state may leave the node, if so.
  package var refusal: Refusal? {
    switch standing {
    case .sound: nil
    case .unsettled: .statesDiffer
    case .fenced: .fenced
    }
  }
}
