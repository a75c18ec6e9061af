import Consensus
import Raft
import Wire

/// An entry as the checker remembers it: enough to tell it from any other.
struct EntryMark: Hashable {
  let term: Term
  let checksum: UInt32

  init(_ entry: LogEntry) {
    term = entry.term
    checksum = CRC32C.checksum(entry.bytes.storage, entry.bytes.range)
  }
}
