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
  /// Records below are given up once the journal has written what it works on.
  var forgetBelow: UInt64 = 0
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
  /// True time of its start.
  var startedAt: UInt64 = 0

  init(
    directory: (opened: DataDirectory, bootsLost: UInt64),
    journal: Journal,
    keeper: SnapshotKeeper<ObservedStore>,
    replica: Replica<ObservedCore, ObservedStore>,
    office: OfficeWatch
  ) {
    self.office = office
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
    let all = (1..<nextToken).lazy.map { ReplyToken($0) }
    return Set(all.filter { self.waiters[$0]?.client == client })
  }

  /// A client waits for nothing any more.
  func forget(_ client: Int) {
    let all = (1..<nextToken).lazy.map { ReplyToken($0) }
    for token in all where waiters[token]?.client == client {
      waiters[token] = nil
    }
  }

  /// Who waits for a reply, once.
  func takeWaiter(_ token: ReplyToken) -> Waiter? {
    waiters.removeValue(forKey: token)
  }
}
