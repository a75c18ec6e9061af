package import Consensus

/// What members say to each other.
///
/// Every message carries its sender's term, except where noted.
package enum RaftMessage: Hashable, Sendable {
  /// Would you vote for me in this (future) term? Changes nobody's state (thesis §9.6).
  case requestPreVote(term: Term, last: LogMark)
  /// Granted: the term asked for. Refused: the term of the one who refuses.
  case preVoteAnswer(term: Term, isGranted: Bool)
  /// Vote for me. A transfer's request is heard even while a leader is alive (thesis §3.10).
  case requestVote(term: Term, last: LogMark, isTransfer: Bool)
  /// A vote, or none.
  case voteAnswer(term: Term, isGranted: Bool)
  /// Entries from the leader.
  case appendEntries(AppendEntries)
  /// The follower holds durably the leader's log up to `matchIndex`.
  case appendAccepted(term: Term, matchIndex: LogIndex, hasRoom: Bool)
  /// The follower's log differs from the leader's at `previousIndex`, and may agree at `hint`.
  case appendRejected(term: Term, previousIndex: LogIndex, hint: LogMark)
  /// The leader lives; answers carry the same round.
  case heartbeat(term: Term, round: UInt64, commitIndex: LogIndex)
  /// The follower lives and knew no later term when the round reached it.
  ///
  /// `verifiedIndex` is how far it has compared its log with the leader's since it follows it;
  /// that may not be durable and promises nothing.
  case heartbeatAnswer(term: Term, round: UInt64, verifiedIndex: LogIndex, hasRoom: Bool)
  /// News of the leader's commit index; not answered.
  case commitAdvanced(term: Term, commitIndex: LogIndex)
  /// Campaign at once (thesis §3.10).
  case timeoutNow(term: Term)
  /// From which index may a follower's read be answered (thesis §6.4)?
  case requestReadIndex(term: Term, request: ReadRequest)
  /// From this one.
  case readIndexAnswer(term: Term, request: ReadRequest, index: LogIndex)
  /// Yours is a term of the past; this is mine.
  case termPassed(term: Term)
  /// You are in no configuration since the committed one at this index.
  case removed(term: Term, configurationIndex: LogIndex)
  /// A part of the leader's snapshot, for a follower that lacks what the log has forgotten
  /// (Raft §7). Once all of it is installed, or where it is not needed, `appendAccepted` answers.
  case installSnapshot(InstallSnapshot)
  /// The follower waits for the part of the snapshot at this place.
  case snapshotWanted(term: Term, place: SnapshotPlace)
  /// This is I, and so far my journal reaches: said by whoever has started, again and again until
  /// it is admitted, and from then on once a second.
  case present(Presence)
  /// Whether I remember more of you than you showed at this start.
  case remembered(term: Term, start: Showing.Start, isMore: Bool)
  /// The follower's log is the leader's up to this index; it waits to be admitted and promises
  /// nothing, but may be sent what follows.
  case appendStored(term: Term, index: LogIndex)
  /// A part of my journal is lost: how far does your log reach? The answer carries the number.
  case askEnd(term: Term, nonce: UInt64)
  /// This far.
  case logEnds(LogEnds)
  /// The configuration that I have told with such an answer, at this index, is committed.
  case configurationCommitted(term: Term, nonce: UInt64, index: LogIndex)
  /// Please the entries that end with this one.
  case wantEntries(term: Term, nonce: UInt64, mark: LogMark)
  /// These do, or those that end right before it; or there are none.
  case entriesEnding(EntriesEnding)
  /// The sender's directory was refused, or it waits in vain for a voter that is silent: it asks
  /// whoever leads to let it come back as another member.
  case replaceMe(term: Term)
  /// The recipient's successor is a member, for good: it is to come back as that.
  case replaced(term: Term)

  /// What a leader sends of its log (Raft §5.3).
  package struct AppendEntries: Hashable, Sendable {
    /// The leader's term.
    package var term: Term
    /// The place before the entries, and the term there.
    package var previous: LogMark
    /// The leader's commit index.
    package var commitIndex: LogIndex
    /// The entries, in order; terms never fall and none is above `term`.
    package var entries: [LogEntry]

    package init(term: Term, previous: LogMark, commitIndex: LogIndex, entries: [LogEntry]) {
      self.term = term
      self.previous = previous
      self.commitIndex = commitIndex
      self.entries = entries
    }
  }

  /// What a leader sends of its snapshot.
  package struct InstallSnapshot: Hashable, Sendable {
    /// The leader's term.
    package var term: Term
    /// The newest entry that the snapshot includes.
    package var mark: LogMark
    /// One whole part of the file.
    package var part: InstallPart

    package init(term: Term, mark: LogMark, part: InstallPart) {
      self.term = term
      self.mark = mark
      self.part = part
    }
  }

  /// What a member shows of itself, and passes on of others.
  package struct Presence: Hashable, Sendable {
    /// The sender's term.
    package var term: Term
    /// The sender's start and journal.
    package var showing: Showing
    /// The end of its log.
    package var last: LogMark
    /// Whether it waits for an answer.
    package var isAsking: Bool
    /// What it remembers of others, the recipient included.
    package var news: [Showing]
    /// The sender's configuration, for one who asks and cannot have it while nobody leads.
    package var configuration: ClusterConfiguration?
    /// Where that stands.
    package var configurationIndex = LogIndex.zero

    package init(
      term: Term,
      showing: Showing,
      last: LogMark,
      isAsking: Bool,
      news: [Showing]
    ) {
      self.term = term
      self.showing = showing
      self.last = last
      self.isAsking = isAsking
      self.news = news
    }
  }

  /// How far a member reaches, for one who has lost a part of its journal.
  package struct LogEnds: Hashable, Sendable {
    /// The sender's term, or, if it does not know that itself, the latest that it does know.
    package var term: Term
    /// The number of the question.
    package var nonce: UInt64
    /// The highest entry that the sender holds anywhere: by term, then by index.
    package var mark: LogMark
    /// The ends of other stretches that it holds, behind holes.
    package var others: [LogMark]
    /// Whether the sender leads in that term.
    package var isLeader: Bool
    /// Whether the sender knows its term.
    package var isTermKnown: Bool
    /// Where the newest configuration stands that the sender holds anywhere; zero for none.
    package var configurationIndex: LogIndex
    /// That configuration.
    package var configuration: ClusterConfiguration?

    /// A message.
    package init(
      term: Term,
      nonce: UInt64,
      mark: LogMark,
      isLeader: Bool = false,
      isTermKnown: Bool = true
    ) {
      self.term = term
      self.nonce = nonce
      self.mark = mark
      others = []
      self.isLeader = isLeader
      self.isTermKnown = isTermKnown
      configurationIndex = .zero
    }
  }

  /// Consecutive entries for one who has lost a part of its journal.
  package struct EntriesEnding: Hashable, Sendable {
    /// The sender's term.
    package var term: Term
    /// The number of the wish.
    package var nonce: UInt64
    /// The last of the entries; the wanted one if there are none.
    package var mark: LogMark
    /// What stands before the first of them, if the sender knows it; without entries, what the
    /// sender has in the place before the wanted one.
    package var previous: LogMark?
    /// The entries; without any, the sender has neither the wanted one with something before it
    /// nor one before it of the same term.
    package var entries: [LogEntry]

    package init(
      term: Term,
      nonce: UInt64,
      mark: LogMark,
      previous: LogMark?,
      entries: [LogEntry] = []
    ) {
      self.term = term
      self.nonce = nonce
      self.mark = mark
      self.previous = previous
      self.entries = entries
    }
  }

  /// Names one follower's request for a read index, among all its starts.
  package struct ReadRequest: Hashable, Sendable {
    /// The follower's boot number.
    package var boot: UInt64
    /// Counts its requests since, from a number that was drawn.
    package var counter: UInt64

    package init(boot: UInt64, counter: UInt64) {
      self.boot = boot
      self.counter = counter
    }
  }

  /// Whether it is heard whoever says it: what leaders and candidates say may come from one who is
  /// in no configuration that has come here, while answers count only from whom we asked.
  var isHeardFromAnybody: Bool {
    switch self {
    case .requestPreVote, .requestVote, .appendEntries, .heartbeat, .commitAdvanced, .timeoutNow,
      .readIndexAnswer, .removed, .installSnapshot, .present, .remembered, .askEnd, .logEnds,
      .configurationCommitted, .wantEntries, .entriesEnding, .replaceMe, .replaced:
      true
    case .preVoteAnswer, .voteAnswer, .appendAccepted, .appendRejected, .heartbeatAnswer,
      .requestReadIndex, .termPassed, .snapshotWanted, .appendStored:
      false
    }
  }

  /// Whether it is about a member's admission or repair, and means the same in any term.
  var isOutsideTerms: Bool {
    switch self {
    case .present, .remembered, .askEnd, .logEnds, .configurationCommitted, .wantEntries,
      .entriesEnding, .replaceMe, .replaced:
      true
    case .requestPreVote, .preVoteAnswer, .requestVote, .voteAnswer, .appendEntries,
      .appendAccepted, .appendRejected, .heartbeat, .heartbeatAnswer, .commitAdvanced,
      .timeoutNow, .requestReadIndex, .readIndexAnswer, .termPassed, .removed, .installSnapshot,
      .snapshotWanted, .appendStored:
      false
    }
  }

  /// The term it carries.
  package var term: Term {
    switch self {
    case .requestPreVote(let term, _), .preVoteAnswer(let term, _), .requestVote(let term, _, _),
      .voteAnswer(let term, _), .appendAccepted(let term, _, _), .appendRejected(let term, _, _),
      .heartbeat(let term, _, _), .heartbeatAnswer(let term, _, _, _), .commitAdvanced(let term, _),
      .timeoutNow(let term), .requestReadIndex(let term, _), .readIndexAnswer(let term, _, _),
      .termPassed(let term), .snapshotWanted(let term, _), .removed(let term, _),
      .remembered(let term, _, _), .appendStored(let term, _), .askEnd(let term, _),
      .configurationCommitted(let term, _, _), .wantEntries(let term, _, _),
      .replaceMe(let term), .replaced(let term):
      term
    case .appendEntries(let append): append.term
    case .installSnapshot(let install): install.term
    case .present(let presence): presence.term
    case .logEnds(let ends): ends.term
    case .entriesEnding(let ending): ending.term
    }
  }
}
