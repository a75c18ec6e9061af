/// Something asked of a core.
package enum Submission: Sendable {
  /// Put this into the log.
  case request(ClientRequest)
  /// The same for what makes the state smaller, or is needed for that: it may use room that other
  /// requests are refused.
  case removal(ClientRequest)
  /// Confirm an index at which this read is linearizable.
  case read(ReadID)
  /// Hand leadership to a member, or to the best one if none is named.
  case transfer(to: NodeID?)
  /// Change the members.
  case reconfigure(MembershipChange)
}
