import Replication
import Transport

/// Which connection and request a reply token stands for.
///
/// A token is a slot and the slot's generation, so that a late reply never finds a later request.
struct TokenTable {
  /// Who waits.
  struct Entry {
    var connection: Connection
    var requestID: UInt64
    var purpose: Purpose
  }

  /// What is done with the reply.
  enum Purpose {
    /// It is sent.
    case reply
    /// It is the first page of a stream that may send so many frames.
    case stream(credit: Int)
  }

  private var entries: [Entry?] = []
  private var generations: [UInt32] = []
  private var free: [Int] = []

  /// How many requests wait.
  var count: Int { entries.count - free.count }

  mutating func add(_ entry: Entry) -> ReplyToken {
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      entries[slot] = entry
    } else {
      slot = entries.count
      entries.append(entry)
      generations.append(0)
    }
    return ReplyToken(UInt64(generations[slot]) << 32 | UInt64(slot))
  }

  mutating func take(_ token: ReplyToken) -> Entry? {
    let slot = Int(token.rawValue & 0xFFFF_FFFF)
    guard
      slot < entries.count, generations[slot] == UInt32(token.rawValue >> 32),
      let entry = entries[slot]
    else { return nil }
    entries[slot] = nil
    generations[slot] &+= 1
    free.append(slot)
    return entry
  }
}
