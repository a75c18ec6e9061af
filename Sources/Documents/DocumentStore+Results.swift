import Consensus
import Wire

// What nodes compare all the time: each change is folded in where its new bytes are at hand.
extension DocumentStore {
  /// A digest over every change so far.
  package var resultDigest: UInt64 { results.value }

  /// Something was written in a collection.
  mutating func fold(written id: Bytes, _ bytes: Bytes, in slot: Int) {
    results.fold(createdRevision(ofSlot: slot))
    results.fold(revision)
    results.fold(id)
    results.fold(bytes)
  }

  /// Something was deleted from a collection.
  mutating func fold(deleted id: Bytes, in slot: Int) {
    results.fold(createdRevision(ofSlot: slot))
    results.fold(~revision)
    results.fold(id)
  }

  /// A collection was made or dropped.
  mutating func fold(collection key: Bytes, kind: Collection.Kind?) {
    results.fold(revision)
    results.fold(key)
    results.fold(UInt64(kind?.rawValue ?? 0))
  }

  private func createdRevision(ofSlot slot: Int) -> UInt64 {
    if let lastFound, lastFound.slot == slot { return lastFound.createdRevision }
    return collections[slot]?.createdRevision ?? 0
  }
}
