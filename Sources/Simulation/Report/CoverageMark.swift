/// A state that the runs of a campaign must have been in: what is never reached is never tested.
///
/// Seen from outside, in records, messages, replies and recoveries; the product knows of none.
package enum CoverageMark: Int, CaseIterable, Sendable {
  // Elections.

  /// A node that led before leads again in a later term.
  case leaderReturns
  /// A leader learns of a later term.
  case leaderDeposed
  /// A leader that a quorum does not answer gives up its term by itself (CheckQuorum).
  case leaderStepsDown
  /// A leader is deposed while reads wait for it.
  case leaderDeposedWithReads
  /// A leader is deposed while writes that it proposed wait for their reply.
  case leaderDeposedWithWrites
  /// A node still leads in a term of the past while another leads in a later one.
  case twoLeaders
  /// A leader of a term of the past is asked to read.
  case oldLeaderAskedToRead
  /// Several candidates share the votes of a term, and nobody wins it.
  case splitVote
  /// PreVote is refused because the asked node hears its leader.
  case preVoteRefusedForLeader
  /// A vote is asked for by a candidate whose log lacks what the voter's has.
  case voteRefusedForShorterLog
  /// A vote is refused because another candidate has it.
  case voteRefusedAsGiven
  /// A vote is refused because it was given away before the voter's last crash.
  case voteRememberedAfterCrash
  /// A vote arrives in a later term than it was given in.
  case voteArrivesLate
  /// A leader of a term of the past is told so.
  case oldLeaderIsTold
  /// A node that was removed asks for votes and is told.
  case removedNodeIsTold

  // Members.

  /// A joint configuration is committed.
  case jointCommitted
  /// A configuration is truncated, and another is in use.
  case configurationTruncated
  /// A learner votes from now on.
  case learnerPromoted
  /// A leader that is in no configuration any more goes.
  case removedLeaderGoes
  /// A change of the members is answered.
  case membersChanged
  /// A change of the members is refused as a quorum would be lost.
  case quorumWouldBeLost

  // Transfers.

  /// Leadership is handed over as an operator asked.
  case transferSucceeds
  /// A transfer comes to nothing.
  case transferFails
  /// A write is refused because leadership is being handed over.
  case writeRefusedInTransfer
  /// A call to campaign arrives in a later term.
  case transferArrivesLate
  /// A leader whose disk hangs hands over.
  case hungLeaderHandsOver

  // The log.

  /// A follower truncates its log.
  case followerTruncates
  /// Entries of several terms are truncated at once.
  case conflictAcrossTerms
  /// Entries are truncated whose sync is not complete.
  case truncatesBeforeSync
  /// Entries are truncated by the node that proposed them as a leader.
  case ownEntriesTruncated
  /// An entry is truncated that a majority held (Figure 8, d).
  case majorityEntryOverwritten
  /// A client's entry of an earlier term commits beneath one of the leader's (Figure 8, e).
  case oldTermEntryCommits
  /// A follower's log does not fit the leader's entries.
  case appendRejected
  /// Entries arrive from a leader of a term of the past.
  case oldEntriesArrive

  // Reads.

  /// A follower asks its leader from which index it may answer.
  case followerAsksForIndex
  /// A linearizable read is answered by a node that does not lead.
  case followerAnswersRead
  /// A confirmed read waits until its node has applied enough.
  case readWaitsForState
  /// An answer to a request for an index arrives after the asking node's crash.
  case readIndexArrivesLate
  /// A node that does not lead is asked for an index.
  case followerAskedForIndex
  /// A request is refused because no leader is known.
  case refusedWithoutLeader
  /// A read is not answered within its deadline.
  case readPastDeadline
  /// A stale read finds the leader's last word too old.
  case staleReadTooStale
  /// A scan goes on behind its first page.
  case scanContinues
  /// A scan's next page is asked for and its frozen state is gone.
  case cursorExpired

  // Exactly once.

  /// A session expires.
  case sessionExpires
  /// A session that is idle gives way to another.
  case sessionEvicted
  /// No session is idle enough to give way.
  case tooManySessions
  /// A request arrives for a session that is gone.
  case deadSessionAsked
  /// A write is settled as never happening.
  case sequenceSealed
  /// A write arrives after it was settled as never happening.
  case sealedWriteArrives
  /// The outcome of a write is asked for, and it was applied.
  case outcomeWasApplied
  /// The outcome of a write is asked for, and its session is gone.
  case outcomeWithoutSession
  /// A write that the client has seen answered arrives once more.
  case answeredWriteArrives
  /// A write that was applied before is answered from its session.
  case retryAnsweredFromSession
  /// A write stands in the log twice.
  case writeTwiceInLog
  /// A client gave a write up, and it was applied.
  case unknownWasApplied
  /// A client gave a write up, and it was never applied.
  case unknownWasNotApplied
  /// A condition of a write does not hold.
  case conditionFails

  // Questions that are asked seldom.

  /// A document is deleted, or a key, which is at the revision that was named.
  case conditionalDelete
  /// One is not deleted, as it is not at the revision that was named.
  case conditionalDeleteFails
  /// A document gets its id from the server.
  case idMade
  /// The documents or keys of a range are counted, and there are some.
  case rangeCounted
  /// Names of databases or collections are listed, and there are several.
  case namesListed
  /// A collection is taken for one of the other kind.
  case wrongKindAsked

  // The way to the leader.

  /// A follower passes a write on and answers it from its own state.
  case forwardedWriteAnswered
  /// A write is passed on to a leader that refuses it.
  case forwardRefused
  /// The leader changes while a write that was passed on is not answered.
  case forwardLosesLeader
  /// More waits than a node is willing to hold.
  case overloaded
  /// A write is refused because the journal has no room for it.
  case diskFull

  // Snapshots.

  /// A node writes a snapshot to its end.
  case snapshotWritten
  /// A snapshot cannot be written, and is tried again later.
  case snapshotPostponed
  /// A full disk keeps only the newest snapshot, so that there is room for the next.
  case olderSnapshotRemoved
  /// A snapshot is found to be damaged.
  case snapshotDamaged
  /// A log is trimmed behind a snapshot.
  case logTrimmed
  /// A node goes on from another's snapshot.
  case installComplete
  /// A part of a snapshot behind the first is sent again, and the rest follows.
  case installResumed
  /// A node crashes while it receives a snapshot.
  case receiverCrashes
  /// A leader crashes while it sends a snapshot.
  case senderCrashes
  /// A snapshot takes the place of a log that lacks what is in it.
  case snapshotReplacesLog
  /// A node starts from a snapshot.
  case recoveryFromSnapshot
  /// A node starts from a snapshot that is ahead of its own journal.
  case recoveryGivesUpLog

  // Disks that were wiped or put back.

  /// A directory that was made anew is refused.
  case remadeDirectoryRefused
  /// A directory that was put back is refused.
  case rolledBackDirectoryRefused
  /// A node that was refused comes back as another member.
  case refusedNodeComesBack
  /// The power fails while a refused directory is set aside and made anew.
  case remakeInterrupted
  /// A copy could be put back and be taken for the newest: so few have heard of its node since.
  case newsHeardByTooFew

  // Crashes and recovery.

  /// A journal begins another segment.
  case segmentTurned
  /// Recovery reads several segments.
  case recoveryOfSegments
  /// Recovery cuts off what a power cut has left of an unsynced batch.
  case recoveryCutsTail
  /// Recovery writes a record again from its copy.
  case recoveryRepairs
  /// Recovery finds a spare segment that was not finished.
  case recoveryRemovesUnfinished
  /// Recovery finds that something of the journal is lost.
  case recoveryOfHoles
  /// Recovery cannot tell the newest term and vote.
  case recoveryOfLostTerm
  /// A node that had lost something of its journal has all of it again.
  case logRepaired
  /// The same, and nobody led: all together had it.
  case logRepairedWithoutLeader
  /// The scrubber finds rot in the journal of a node that runs.
  case rotFoundByScrubber
  /// A journal goes on in a sound segment behind all that has rotted.
  case damageIsolated
  /// What has rotted of a journal is forgotten: a snapshot holds it.
  case damageForgotten
  /// A node begins to lead whose journal has rotted.
  case rottenNodeLeads
  /// A node is fenced: a majority has come to other results.
  case nodeFenced
  /// A node that leads is fenced.
  case fencedNodeLeads
  /// A node's results differ from another's, and no majority is known to agree.
  case stateUnsettled
  /// A node's state is no longer in doubt.
  case stateSettled
  /// A write is refused because states differ.
  case unsettledWriteRefused
  /// Recovery finds no spare segment.
  case recoveryWithoutSpare
  /// A majority of the nodes is down at once.
  case majorityDown
  /// All nodes are down at once.
  case allDown
  /// A node ends before the cluster has had its first leader.
  case endsBeforeFirstLeader
  /// The count of a directory's openings is lost, and goes on far above.
  case bootCountedAnew
  /// The journal of a member rots in a run whose members change.
  case rotAmongChanges

  // Several builds.

  /// A message is not sent to a node of an earlier build.
  case messageWithheld
  /// A command is refused as not all members know it.
  case commandNotOffered
  /// A node that went back to an earlier build, or came later, stops at a command that is new.
  case unknownCommandStops

  /// The name in reports, such as `leader_steps_down`.
  package var name: String {
    var name = ""
    for character in "\(self)" {
      if character.isUppercase { name += "_" }
      name += character.lowercased()
    }
    return name
  }
}
