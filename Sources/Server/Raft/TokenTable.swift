import Replication
import Transport

/// Which client and request a reply token stands for.
///
/// A token is a slot and the slot's generation, so that a late reply never finds a later request.
/// The tokens of one client form a list, so that those of a client that is gone are found at once.
struct TokenTable {
  /// Who waits.
  struct Entry {
    let client: ClientState
    let requestID: UInt64
    let purpose: Purpose
    /// The bytes that the request occupies while it waits.
    let size: Int

    /// Whether it has a place among the reads that wait.
    var isRead: Bool {
      switch purpose {
      case .reply: false
      case .read, .scan, .stream: true
      }
    }

    /// The cursor that a read without a stream names, 0 if it names none; nil for anything else.
    var askedCursor: UInt64? {
      switch purpose {
      case .reply, .stream: nil
      case .read(let cursor): cursor
      case .scan: 0
      }
    }

    fileprivate var beginsScan: Bool {
      if case .scan = purpose { true } else { false }
    }
  }

  /// What is done with the reply.
  enum Purpose {
    /// It is sent.
    case reply
    /// It answers a read, which names this cursor or none (0), and is sent.
    case read(cursor: UInt64)
    /// It is the first page of a scan without a stream, and is sent.
    case scan
    /// It is the first page of a stream that may send so many frames.
    case stream(credit: Int)
  }

  private static let searchedMax = 256

  /// A token's neighbours in its client's list; beside the entries, as a change here is cheap.
  private struct Links {
    var older: Int?
    var newer: Int?
  }

  private var entries: [Entry?] = []
  private var links: [Links] = []
  private var generations: [UInt32] = []
  private var free: [Int] = []
  /// The bytes of all requests that wait.
  private(set) var size = 0
  /// How many of them begin a scan without a stream.
  private(set) var beginningsCount = 0

  /// How many requests wait.
  var count: Int { entries.count - free.count }

  mutating func add(_ entry: Entry) -> ReplyToken {
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
    } else {
      slot = entries.count
      entries.append(nil)
      links.append(Links())
      generations.append(0)
    }
    let client = entry.client
    links[slot] = Links(older: client.newestToken)
    if let older = client.newestToken { links[older].newer = slot }
    entries[slot] = entry
    client.newestToken = slot
    client.inFlight += 1
    if entry.isRead { client.readsCount += 1 }
    if entry.beginsScan { countBeginnings(1, of: client) }
    client.pendingBytes += entry.size
    size += entry.size
    return token(at: slot)
  }

  mutating func take(_ token: ReplyToken) -> Entry? {
    let slot = Int(token.rawValue & 0xFFFF_FFFF)
    guard slot < entries.count, generations[slot] == UInt32(token.rawValue >> 32) else {
      return nil
    }
    return remove(at: slot)
  }

  /// Ends the wait for a client's request, if it is among its newest.
  ///
  /// A crowd of cancels must not search a long list each; an older one is answered and the answer
  /// ignored.
  mutating func take(_ requestID: UInt64, of client: ClientState) -> (ReplyToken, Entry)? {
    var next = client.newestToken
    for _ in 0..<Self.searchedMax {
      guard let slot = next, let entry = entries[slot] else { return nil }
      if entry.requestID == requestID {
        let token = token(at: slot)
        return remove(at: slot).map { (token, $0) }
      }
      next = links[slot].older
    }
    return nil
  }

  /// Ends all waits of a client.
  mutating func takeAll(of client: ClientState) -> [ReplyToken] {
    var tokens: [ReplyToken] = []
    while let slot = client.newestToken {
      tokens.append(token(at: slot))
      _ = remove(at: slot)
    }
    return tokens
  }

  private mutating func countBeginnings(_ change: Int, of client: ClientState) {
    client.beginningsCount += change
    beginningsCount += change
  }

  private func token(at slot: Int) -> ReplyToken {
    ReplyToken(
      UInt64(generations[slot]) << 32 | UInt64(slot),
      asker: entries[slot]?.client.connection.id.number ?? 0
    )
  }

  private mutating func remove(at slot: Int) -> Entry? {
    guard let entry = entries[slot].take() else { return nil }
    let client = entry.client
    let (older, newer) = (links[slot].older, links[slot].newer)
    if let older { links[older].newer = newer }
    if let newer {
      links[newer].older = older
    } else {
      client.newestToken = older
    }
    generations[slot] &+= 1
    free.append(slot)
    client.inFlight -= 1
    if entry.isRead { client.readsCount -= 1 }
    if entry.beginsScan { countBeginnings(-1, of: client) }
    client.pendingBytes -= entry.size
    size -= entry.size
    return entry
  }
}
