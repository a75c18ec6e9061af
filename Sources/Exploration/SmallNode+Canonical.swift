import Consensus
import Raft
import Wire

// Canonical forms: equal bytes mean that nodes, or messages, do the same from here on.
extension SmallNode {
  /// The node's bytes where its cluster's names are exchanged.
  ///
  /// A journal's durable records are as good as their sum.
  func canonicalBytes(_ renaming: Renaming) -> [UInt8] {
    var writer = ByteWriter(capacity: 512)
    let naming = { (member: Member) in renaming.name(SmallCluster.place(member)) }
    writer.write(renaming.name(place))
    writer.write(log.bits)
    core.writeEssence(into: &writer, naming: naming)
    writer.write(durable.term)
    writer.write(durable.votedFor.map(renaming.name) ?? 0)
    writer.write(durable.log.bits)
    writer.write(pledge?.term ?? 0)
    writer.write(pledge.map { renaming.name($0.candidate) } ?? 0)
    writer.write(UInt8(unsynced.count))
    for record in unsynced { write(record, into: &writer, naming) }
    // Promises that wait for the same records leave together: among them there is no order.
    let waiting = promises.map { promise in
      [UInt8(promise.recordsBefore), naming(promise.envelope.recipient)]
        + promise.envelope.message.canonicalBytes
    }
    for promise in waiting.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      writer.writeBlob(promise)
    }
    return writer.finish()
  }

  private func write(
    _ record: RaftRecord,
    into writer: inout ByteWriter,
    _ naming: (Member) -> UInt8
  ) {
    switch record {
    case .hardState(let term, let votedFor):
      writer.write(UInt8(1))
      writer.write(term)
      writer.write(votedFor.map(naming) ?? 0)
    case .entry(let index, let entry):
      writer.write(UInt8(2))
      writer.write(index)
      writer.write(PackedLog.code(entry))
    case .truncate(let index):
      writer.write(UInt8(3))
      writer.write(index)
    case .restart:
      invariant(false, "a small world takes no snapshots")
    case .admission:
      invariant(false, "in a small world no disk is wiped or put back")
    case .repair, .repaired: invariant(false, "in a small world no disk is damaged")
    }
  }
}

extension RaftMessage {
  /// The message's bytes without the times in its entries; it names no member.
  var canonicalBytes: [UInt8] {
    guard case .appendEntries(let append) = self else { return encoded(expectedSize: 64) }
    var writer = ByteWriter(capacity: 64)
    writer.write(UInt8.max)
    writer.write(append.term)
    writer.write(append.previous)
    writer.write(append.commitIndex)
    for entry in append.entries { writer.write(PackedLog.code(entry)) }
    return writer.finish()
  }
}
