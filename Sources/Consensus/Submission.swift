/// Something asked of a core.
package enum Submission: Sendable {
  /// Put this into the log.
  case request(ClientRequest)
  /// Confirm an index at which this read is linearizable.
  case read(ReadID)
  /// Hand leadership to a member, or to the best one if none is named.
  case transfer(to: NodeID?)
  /// Change the members.
  case reconfigure(MembershipChange)
}
