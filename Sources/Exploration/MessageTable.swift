import Consensus
import Raft

/// Every message that any world has seen, numbered.
struct MessageTable {
  private(set) var items: [MessageItem] = []
  /// Six fingerprints each, one per renaming.
  private(set) var fingerprints: [UInt64] = []
  /// Looked up only.
  private var numbers: [[UInt8]: Int] = [:]

  /// The number of a message.
  mutating func number(_ envelope: Envelope<RaftMessage>, from sender: Int) -> Int {
    let recipient = SmallCluster.place(envelope.recipient)
    let bytes = envelope.message.canonicalBytes
    let key = [UInt8(sender), UInt8(recipient)] + bytes
    if let number = numbers[key] { return number }
    let number = items.count
    numbers[key] = number
    items.append(
      MessageItem(sender: sender, recipient: recipient, message: envelope.message)
    )
    for renaming in Renaming.all {
      let names = [renaming.name(sender), renaming.name(recipient)]
      fingerprints.append(Fingerprint.of(names + bytes))
    }
    return number
  }
}
