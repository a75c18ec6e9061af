import Replication

/// What can happen next in a run.
enum ClusterEvent {
  /// A frame from a peer arrives.
  case peerFrame(PeerFrame)
  /// A client's request arrives.
  case clientFrame(ClientFrame)
  /// A reply reaches a client.
  case reply(NodeProcess.Waiter, node: Int, ReplicaReply)
  /// A node's loop goes round.
  case turn(node: Int, boot: UInt64)
  /// A node's timer fires.
  case tick(node: Int, boot: UInt64)
  /// A node's journal has its batch written, and syncs it.
  case batchWritten(node: Int, boot: UInt64)
  /// A node's journal has done a step towards its next spare segment.
  case sparePrepared(node: Int, boot: UInt64)
  /// A node's journal has time to give up a segment.
  case segmentForgotten(node: Int, boot: UInt64)
  /// A node's journal looks for space again.
  case spaceRetried(node: Int, boot: UInt64)
  /// A node's keeper of snapshots takes its next step.
  case snapshotStep(node: Int, boot: UInt64)
  /// The scrubber reads a file of which something has rotted.
  case scrubbed(node: Int, boot: UInt64, file: String)
  /// A process is killed soon after its start.
  case stormKill(node: Int, boot: UInt64)
  /// The links of an episode are cut, or mended.
  case linksTurn(episode: Int, areCut: Bool)
  /// A client looks at its clock.
  case clientWake(Int)
  /// An operator wants the members changed.
  case memberChange
  /// An operator asks that a node whose directory was made to join takes the place of the old one.
  case replacement(node: Int)
  /// A fault strikes.
  case strike(FaultStrike)
  /// A fault that lasted is over.
  case episodeEnds(Int)
  /// A node that is down is started.
  case restart(node: Int)
  /// The faults stop.
  case calm
  /// The clients stop asking.
  case quiesce
  /// Nobody asks any more.
  case idle
  /// A last follower starts anew, with nobody writing.
  case lastRestart
  /// Everything must have been answered.
  case finish
}
