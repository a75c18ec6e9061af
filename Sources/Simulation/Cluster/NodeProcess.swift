import Consensus
import Raft
import Replication
import Storage
import Wire

/// One life of a node, from its start to its crash: the shipped replica and its journal.
///
/// A class, because a process is a thing that dies: whatever still points to it sees that.
final class NodeProcess {
  typealias ReadLevel = Replica<ObservedCore, ObservedStore>.ReadLevel

  /// What waits to be looked at in the next turn.
  enum Input {
    /// A peer's message.
    case message(PeerMessage<RaftMessage>, from: Member)
    /// A client's request.
    case request(ClientFrame)
    /// The journal's word.
    case durable(through: UInt64, room: JournalRoom)
    /// A word of the keeper of the snapshots.
    case snapshot(SnapshotNotice<ObservedStore>)
    /// The scrubber has found rot in a segment of the journal.
    case rotFound(segment: UInt64)
    /// All rot of the journal lies below a position.
    case damageIsolated(below: UInt64)
    /// An operator's wish.
    case transfer(to: NodeID?)
    /// The same, about the members.
    case reconfigure(MembershipChange)
  }

  /// Who waits for a reply.
  struct Waiter {
    let client: Int
    let requestID: UInt64
    /// The client's connection that the answer goes to.
    let connection: Int
    /// When the request came.
    let arrivedAt: UInt64
    /// What it asks.
    let aim: RequestAim
  }

  /// Tells the lives of a node apart: how often its directory has been started, also after a loss.
  let boot: UInt64
  var replica: Replica<ObservedCore, ObservedStore>
  var journal: Journal
  var keeper: SnapshotKeeper<ObservedStore>
  /// Keeps the directory's lock.
  private let directory: DataDirectory

  var inbox: [Input] = []
  /// Records for the journal's next batch.
  var recordsWaiting: [JournalRecord] = []
  /// A batch for which there is no space.
  var batchStuck: [JournalRecord] = []
  var isJournalBusy = false
  /// When the journal began its last batch.
  var batchBeganAt: UInt64 = 0
  var spareProgress = SpareProgress.working
  /// Records below are given up once the journal has written what it was handed before.
  var forgetBelow: UInt64 = 0
  /// What may go when the batch that is being written is durable.
  var forgetBehindBatch: UInt64 = 0
  /// What may go.
  var forgettableBelow: UInt64 = 0
  /// Whether the start has found rot in the journal and nobody has asked yet to forget it.
  var isDamageToBeForgotten = false
  /// Segments that the journal must not go on in; nil stands for what the start has found.
  var damagedSegments: [UInt64?] = []
  /// Below this lies all rot of the journal that is not forgotten yet; zero if there is none.
  var damagedBelow: UInt64 = 0
  var isKeeperBusy = false
  var isTurnScheduled = false
  /// Looked up only.
  private var waiters: [ReplyToken: Waiter] = [:]
  private var nextToken: UInt64 = 1
  /// What operators wait for; looked up only.
  private var wishes: [ReplyToken: OperatorWatch.Wish] = [:]
  /// How this node stood at the end of its last turn.
  var lastStatus: CoreStatus?
  var applied = AppliedLedger.Cursor()
  /// Answers that had not left when the process was stopped.
  var repliesHeld: [AddressedReply] = []
  var office: OfficeWatch
  var standing: StandingWatch
  var reads = ReadWatch()
  var contacts = ContactWatch()
  var cursors = CursorWatch()
  var logTime = LogTimeWatch()
  /// Whether the others had fenced it, for its results, at the end of its last turn.
  var wasFenced = false
  /// The node's monotonic clock when its last turn began.
  var turnMicroseconds: UInt64 = 0
  /// The same of the turn before.
  var lastTurnMicroseconds: UInt64 = 0
  /// What the others understand, where nodes are of several builds; and with which life of each
  /// they have told each other so, looked up only.
  var levels = PeerLevels()
  var greeted: [Int: UInt64] = [:]
  /// True time of its start.
  var startedAt: UInt64 = 0

  init(
    directory: (opened: DataDirectory, bootsLost: UInt64),
    journal: Journal,
    keeper: SnapshotKeeper<ObservedStore>,
    replica: Replica<ObservedCore, ObservedStore>,
    options: RaftOptions
  ) {
    office = OfficeWatch(options)
    standing = StandingWatch(options)
    self.directory = directory.opened
    self.journal = journal
    self.keeper = keeper
    self.replica = replica
    boot = directory.bootsLost + directory.opened.bootNumber
  }

  /// How often the directory on the disk has been started.
  var directoryBoot: UInt64 { directory.bootNumber }

  /// How many came up to that time, were promised a reply and have none.
  func waitersCount(until time: UInt64) -> Int {
    waiters.values.count { $0.arrivedAt <= time }
  }

  /// A token for somebody who waits.
  func token(for waiter: Waiter) -> ReplyToken {
    let token = ReplyToken(nextToken, asker: UInt64(waiter.client))
    nextToken += 1
    waiters[token] = waiter
    return token
  }

  /// A token for an operator, who waits as long as the process lives.
  func token(for wish: OperatorWatch.Wish) -> ReplyToken {
    let token = ReplyToken(nextToken)
    nextToken += 1
    wishes[token] = wish
    return token
  }

  /// What an operator wants who waits for a reply, once.
  func takeWish(_ token: ReplyToken) -> OperatorWatch.Wish? {
    wishes.isEmpty ? nil : wishes.removeValue(forKey: token)
  }

  /// Who waits for a reply.
  func waiter(_ token: ReplyToken) -> Waiter? { waiters[token] }

  /// The tokens under which a client waits.
  func tokens(of client: Int) -> Set<ReplyToken> {
    Set(tokensGiven(to: client).filter { self.waiters[$0] != nil })
  }

  /// A client waits for nothing any more.
  func forget(_ client: Int) {
    for token in tokensGiven(to: client) { waiters[token] = nil }
  }

  /// Also some that others were given: those nobody waits under.
  private func tokensGiven(to client: Int) -> some Sequence<ReplyToken> {
    (1..<nextToken).lazy.map { ReplyToken($0, asker: UInt64(client)) }
  }

  /// Who waits for a reply, once.
  func takeWaiter(_ token: ReplyToken) -> Waiter? {
    waiters.removeValue(forKey: token)
  }
}
