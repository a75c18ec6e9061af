package import Consensus

/// Small questions and the few ways in which anything leaves.
extension PBFTCore {
  /// This replica's own time.
  var microseconds: UInt64 { now.monotonicMicroseconds }

  /// The same at the next tick.
  ///
  /// What passed while the process stood still has passed for the others alone: whoever counted
  /// it would blame a primary for its own absence, and leave a view that serves everybody else.
  func time(of reading: Reading) -> UInt64 {
    let gap = reading.monotonicMicroseconds - min(lastTickAt, reading.monotonicMicroseconds)
    return microseconds + min(gap, options.tickGapMaxMicroseconds)
  }

  /// A moment of this replica's own time as the clock of others shows it, at the earliest.
  func since(_ moment: UInt64) -> UInt64 { moment + (lastTickAt - microseconds) }

  var view: View { promises.view }
  var isActive: Bool { promises.isActive }
  var log: BlockLog { promises.log }
  var primary: ReplicaNumber { authority.primary(of: view) }
  /// Whether this replica may promise anything.
  var canVote: Bool { halt == nil && promises.fence == nil }
  var stableSequence: SequenceNumber { promises.stable?.header.sequenceNumber ?? .zero }
  /// The newest block that is voted for: what lies above waits for a checkpoint.
  var highWatermark: SequenceNumber { stableSequence + options.windowSize }

  /// The newest block whose votes are kept.
  var voteLimit: SequenceNumber {
    max(highWatermark, log.tip.sequenceNumber) + options.windowSize
  }

  /// The next statement's count; the record that holds the statement follows at once.
  var nextCounter: UInt64 { promises.counter + 1 }

  /// Writes a record, and changes the state by it.
  mutating func persist(_ record: PBFTRecord) {
    lastPosition += 1
    promises.apply(record, at: lastPosition)
    effects.records.append(record)
  }

  /// Sends to all what the records so far promise.
  mutating func broadcast(_ message: PBFTMessage) {
    for (place, member) in members.enumerated() where place != own.place {
      effects.messagesAfterSync.append(Envelope(to: member, message))
    }
  }

  /// Sends to one, behind the records so far.
  mutating func send(_ message: PBFTMessage, to replica: ReplicaNumber) {
    effects.messagesAfterSync.append(Envelope(to: members[replica.place], message))
  }

  /// A statement of this replica's own counts when the record before is durable.
  mutating func countOnceDurable(_ statement: Statement) {
    awaited.append((lastPosition, statement))
  }

  /// Stops for good: nothing more is voted for, executed or answered.
  mutating func stop(_ reason: HaltReason) {
    halt = halt ?? reason
  }

  func vote(_ kind: Vote.Kind, _ header: BlockHeader, _ digest: Digest) -> Vote {
    authority.sign(
      Vote(
        kind: kind,
        place: header.place,
        digest: digest,
        replica: own,
        counter: nextCounter,
        signature: .unsigned
      ),
      by: options.signer
    )
  }

  /// Goes on as far as what is known allows, and checks that nothing promised is broken.
  mutating func finish() {
    if halt == nil {
      acceptProposals()
      advancePrepared()
      advanceCommitted()
      askIfNew()
    }
    let summary = PBFTInvariants.Summary(of: self)
    PBFTInvariants.check(summary)
    if let checked { PBFTInvariants.check(before: checked, after: summary) }
    checked = summary
  }

  mutating func announceLeader() {
    let leader = LeaderChange(
      leader: isActive ? members[primary.place].id : nil,
      term: Term(view.rawValue)
    )
    guard leader != announcedLeader else { return }
    announcedLeader = leader
    effects.leader = leader
  }

  /// The members and settings of the genesis.
  package var configuration: ClusterConfiguration { options.configuration }

  /// Whether something holds of 2f+1 replicas.
  package func hasQuorum(_ holds: (Member) -> Bool) -> Bool {
    members.count(where: holds) >= authority.quorum
  }

  /// The primary of a view that has begun.
  package var leaderID: NodeID? { isActive ? members[primary.place].id : nil }

  /// A replica whose journal has holes starts all the same, fenced.
  package static func canRecover(_ past: Past<PBFTRecord>, as member: Member) -> Bool { true }
}
