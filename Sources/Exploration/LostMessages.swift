/// Messages that a small world does without, so that it stays small: all of a kind are lost.
///
/// They move no entry and no vote. But a heartbeat can be answered in as many ways as its receiver
/// has states, and news of the commit index comes in as many as there are entries: each goes on
/// its way for good, and worlds with all heartbeats are about a hundred times as many.
package enum LostMessages: String, CaseIterable, Sendable {
  /// All messages may arrive.
  case none
  /// Heartbeats are lost.
  case heartbeats
  /// Heartbeats are lost, and so is what tells the commit index alone: it comes with entries only.
  case news
}
