/// What can go wrong in a simulation.
///
/// The ids are those of docs/catalogue.md.
package enum FaultKind: String, CaseIterable, Sendable {
  /// Frames are lost (N1).
  case loss
  /// Frames arrive twice (N1).
  case duplication
  /// Frames take long (N1).
  case delay
  /// Frames overtake each other (N1).
  case reordering
  /// Frames of the past arrive again (N8).
  case replay
  /// The nodes fall into two groups (N4).
  case partition
  /// One direction of a link, or all that a node sends or receives, is cut (N5).
  case oneWayCut = "one_way_cut"
  /// Some pairs of nodes cannot talk although others can (N6).
  case partialCut = "partial_cut"
  /// A process is killed; what it wrote stays in the cache (P2).
  case kill
  /// A process is killed in the middle of carrying out a turn (P1).
  case killInTurn = "kill_in_turn"
  /// A node loses its power, and its disk what was not synced (D1, D2, D3).
  case powerCut = "power_cut"
  /// The power fails between two disk calls, or within one (P1).
  case cutAtDiskCall = "cut_at_disk_call"
  /// The power fails while a node recovers (P3).
  case cutInRecovery = "cut_in_recovery"
  /// All nodes lose their power at one instant (D20).
  case blackout
  /// A process is stopped and goes on later (P4).
  case pause
  /// Syncs take long (D14).
  case slowDisk = "slow_disk"
  /// A sync hangs for seconds (D14).
  case hungDisk = "hung_disk"
  /// A monotonic clock runs fast or slow (T2).
  case clockRate = "clock_rate"
  /// A wall clock jumps (T1).
  case wallJump = "wall_jump"
  /// An operator hands leadership over.
  case transfer
  /// A client's request is lost (C1f).
  case requestLoss = "request_loss"
  /// A client's request arrives after other attempts, perhaps when nobody waits any more (C1f).
  case requestDelay = "request_delay"
  /// A node's reply is lost (C1f).
  case replyLoss = "reply_loss"
  /// A client's request arrives again, perhaps much later (C1f, C2f).
  case requestDuplication = "request_duplication"
  /// A process is killed again and again, soon after each start (P3).
  case restartStorm = "restart_storm"
  /// A node has little of its processor: each turn takes long (P5).
  case slowNode = "slow_node"
  /// A node's timer fires late, and then several times at once (T3).
  case lateTimers = "late_timers"
  /// A sync fails once, what it was to write is gone, and the next one succeeds (D4, D5).
  case syncError = "sync_error"
  /// A write fails, a part of it done (D6).
  case writeError = "write_error"
  /// There is no space left, on one node or several (D7).
  case fullDisk = "full_disk"
  /// Something that was synced rots, while its node is down or runs (D8-D10, D12, D13).
  case rot
  /// A node's folder is emptied and made anew from the genesis file while it is down (D15).
  case wipedDisk = "wiped_disk"
  /// An older copy of a node's whole folder is put back while it is down (D16).
  case rolledBackDisk = "rolled_back_disk"
  /// A bit of a snapshot's file flips, while its node is down or runs (D9).
  case rottenSnapshot = "rotten_snapshot"
  /// A received snapshot is read slowly, while another leader sends what follows (M7f).
  case staleInstall = "stale_install"
  /// The power fails as soon as the journal says that a received snapshot took the log's place.
  case cutAfterInstall = "cut_after_install"
  /// What only a leader and another node were told is lost or rots there, and the leader is cut
  /// off: who would be elected now must not be, by the vote of one that forgot (D9, D15, D16).
  case lossBeforeElection = "loss_before_election"
  /// Those who hold what is new all have holes at once, where each has what another lacks, and the
  /// rest is behind: only all together can tell what was committed (D9, W4, W5).
  case rottenQuorum = "rotten_quorum"
  /// A node's results are wrong in its memory, and its digests tell so (W7).
  case lyingMemory = "lying_memory"
  /// An operator, or two, want the members changed (M1f–M4f).
  case memberChange = "member_change"
  /// Bytes of a frame arrive changed (N2).
  case corruption
  /// A connection breaks in the middle of a frame, and what was on its way is lost (N3).
  case reset
  /// Links go up and down many times (N7).
  case flapping
  /// Nodes are cut off one after the other and come back in another order (N7).
  case swizzle
  /// A node takes in nothing that its peers send, and everything at once later (N9).
  case notReading = "not_reading"
  /// Several candidates in one term, and voters that restart before the election is over (S2).
  case splitElection = "split_election"
  /// A leader sends what the protocol allows and ours would not (P8).
  case oddAppend = "odd_append"
  /// Nodes are of several builds, and are upgraded or taken back one by one (P8).
  case mixedBuilds = "mixed_builds"
  /// A leader is stopped after it was confirmed for a read and before it answers (P4).
  case pauseAfterRead = "pause_after_read"
  /// A node is cut off for many election timeouts.
  case longCut = "long_cut"
  /// All clients ask as much as they can (C4f).
  case flood
  /// A client loses its connections in the middle of everything (C6f).
  case disconnect
  /// A scan's next page is asked for much later (C6f).
  case scanStall = "scan_stall"
  /// A client's process starts again, with its session or without (C2f).
  case clientRestart = "client_restart"
  /// A client's request of the past arrives, perhaps after its session's end (C2f).
  case requestReplay = "request_replay"
  /// A client keeps quiet until its session expires, around a change of leader (T4).
  case idleSession = "idle_session"
  /// Recipe 1: partition × kill × pause, and members that change where there are joiners.
  case churn
  /// Recipe 2: members are changed at a leader that is cut off, and at the next one; then the old
  /// one is back.
  case isolatedChange = "isolated_change"
  /// Recipe 3: a leader stopped after its confirmation for a read, and others go on meanwhile.
  case staleLeader = "stale_leader"
  /// Recipe 4: a crash under very high load.
  case crashUnderLoad = "crash_under_load"
  /// Recipe 5: a crash while a snapshot is written.
  case crashInSnapshot = "crash_in_snapshot"
  /// Recipe 6: a follower is kept away until it needs a snapshot, and the sender or the receiver
  /// crashes in the middle of it, twice.
  case crashInInstall = "crash_in_install"
  /// Recipe 7: one node loses what was not synced while another one is stopped.
  case powerCutAndPause = "power_cut_and_pause"
  /// Recipe 8: a node's file is damaged, and the node made the leader.
  case corruptThenLead = "corrupt_then_lead"
  /// Recipe 9: swizzle-clog with three restarts.
  case swizzleAndRestarts = "swizzle_and_restarts"
  /// Recipe 9: two nodes have each other's disks, and must not start on them (P9).
  case swappedDisks = "swapped_disks"
  /// Recipe 10: a long partition, many writes, and another leader as soon as it is over.
  case longPartition = "long_partition"
  /// Recipe 11: all nodes are restarted in turn while hardly any space is left.
  case restartsWhenFull = "restarts_when_full"
  /// Recipe 12: for a hundred election timeouts some pairs cannot talk.
  case brokenTopology = "broken_topology"
  /// Recipe 14: clients retry in haste during a change of leader, sessions near their expiry.
  case retryStorm = "retry_storm"
  /// A node is left broken when the faults stop: the others have to do without it.
  case leftBroken = "left_broken"
}
