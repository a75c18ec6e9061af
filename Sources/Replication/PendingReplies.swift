import Consensus

/// Who waits at this node for which request to be applied.
///
/// Keyed by session and sequence, not by connection: whichever node applies the entry can answer
/// (architecture: a follower answers a forwarded write from its own apply).
struct PendingReplies: Sendable {
  /// How a request waits.
  struct Waiting: Sendable {
    /// Mostly the only one: it needs no array.
    let first: ReplyToken
    var others: [ReplyToken] = []
    /// To whom, if it was sent to the leader rather than proposed here.
    var leader: Member?
    /// Until when, in that case.
    var forwardDeadline: UInt64?
    /// The bytes on their way to the leader.
    var forwardedSize = 0

    var tokens: [ReplyToken] { [first] + others }
  }

  /// Looked up by key only; all orders come from tokens and the queue below.
  private var waiting: FlatTable<RequestKey, Waiting>
  /// Forwarded requests in the order of their deadlines.
  private var forwardDeadlines: [(deadline: UInt64, key: RequestKey)] = []

  /// The bytes of the requests sent to the leader that are unanswered.
  private(set) var forwardedSize = 0

  /// Nobody waits; clients, who choose the keys, must not know the seed.
  init(seed: UInt64) {
    waiting = FlatTable(seed: seed)
  }

  var count: Int { waiting.count }

  /// Whether the request is already on its way.
  func isWaiting(for key: RequestKey) -> Bool {
    waiting[key] != nil
  }

  /// Whether the request was sent to this leader, and nobody else's word counts.
  func isForwarded(_ key: RequestKey, to leader: Member) -> Bool {
    waiting[key]?.leader == leader
  }

  /// Adds somebody to a request already on its way; false if it is not.
  mutating func join(_ key: RequestKey, _ token: ReplyToken) -> Bool {
    guard !waiting.isEmpty else { return false }
    return waiting.update(key) { $0.others.append(token) }
  }

  /// Begins to wait for a request to be proposed here; false if it is on its way already and
  /// the wait for it was joined.
  mutating func add(_ key: RequestKey, _ token: ReplyToken) -> Bool {
    waiting.insert(Waiting(first: token), for: key) || !join(key, token)
  }

  /// Begins to wait for a request sent to the leader, until a deadline.
  mutating func addForwarded(
    _ key: RequestKey,
    _ token: ReplyToken,
    size: Int,
    to leader: Member,
    until deadline: UInt64
  ) {
    let wait = Waiting(
      first: token,
      leader: leader,
      forwardDeadline: deadline,
      forwardedSize: size
    )
    let isNew = waiting.insert(wait, for: key)
    invariant(isNew, "who waits already joins the wait")
    forwardedSize += size
    forwardDeadlines.append((deadline, key))
  }

  /// Ends the wait for a request and says who waited.
  mutating func take(_ key: RequestKey) -> [ReplyToken] {
    end(key)?.tokens ?? []
  }

  /// Ends the wait for a request, if anybody waited for it.
  mutating func end(_ key: RequestKey) -> Waiting? {
    guard let ended = waiting.remove(key) else { return nil }
    forwardedSize -= ended.forwardedSize
    return ended
  }

  /// Ends every wait; those who waited, in order of token.
  mutating func takeAll() -> [ReplyToken] {
    let tokens = waiting.values.flatMap(\.tokens).sorted()
    waiting.removeAll()
    forwardDeadlines.removeAll()
    forwardedSize = 0
    return tokens
  }

  /// Ends the waits for requests that an earlier leader was to propose.
  mutating func takeForwarded() -> [ReplyToken] {
    let keys = forwardDeadlines.map(\.key)
    forwardDeadlines.removeAll()
    return keys.filter { waiting[$0]?.forwardDeadline != nil }.flatMap { take($0) }
  }

  /// Ends the waits for forwarded requests whose deadline has passed.
  mutating func takeOverdue(at now: UInt64) -> [ReplyToken] {
    guard let first = forwardDeadlines.first, first.deadline <= now else { return [] }
    let overdue = forwardDeadlines.prefix { $0.deadline <= now }.map(\.key)
    forwardDeadlines.removeFirst(overdue.count)
    // A request may have been answered and sent anew since; then its newer deadline counts.
    return overdue.filter { (waiting[$0]?.forwardDeadline ?? .max) <= now }.flatMap { take($0) }
  }
}

extension RequestKey: FlatTableKey {
  var words: (UInt64, UInt64) { (session, sequence) }
}
