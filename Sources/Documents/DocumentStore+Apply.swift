import BSON
import ClientProtocol
package import Consensus
import Wire

extension DocumentStore {
  /// Whether a command is not of a later version than this program reads; one that is too short to
  /// tell is malformed for everybody.
  package func knows(_ command: [UInt8]) -> Bool {
    guard command.count >= 2 else { return true }
    return UInt16(command[0]) | UInt16(command[1]) << 8 <= Command.version
  }

  /// Carries out a command; one that cannot be done says so in its reply and changes nothing.
  package mutating func apply(_ command: [UInt8], at place: LogPlace) -> Applied<Change> {
    invariant(place.index.rawValue > revision, "commands are applied in order, each once (S7)")
    revision = place.index.rawValue
    var changes: [Change] = []
    let reply: CommandReply
    do throws(Failure) {
      let checked = try rules.check(command, knowing: lastFound?.known)
      reply = try carryOut(checked, at: place, &changes)
    } catch {
      invariant(changes.isEmpty, "a command that fails changes nothing")
      reply = .failed(error)
    }
    var writer = ByteWriter(capacity: reply.encodedSize)
    reply.encode(into: &writer)
    return Applied(reply: writer.finish(), changes: changes)
  }

  private mutating func carryOut(
    _ checked: CheckedCommand,
    at place: LogPlace,
    _ changes: inout [Change]
  ) throws(Failure) -> CommandReply {
    var step = Step(checked, revision: revision)
    defer { changes = step.changes }
    switch checked.command.operation {
    case .createCollection: return try createCollection(&step)
    case .dropCollection: return try dropCollection(&step)
    case .insert(let id?, let document):
      return try insert(document, id: id, step.key, &step)
    case .insert(nil, let document):
      let id = Self.serverID(at: place)
      return try insert(document, id: id, rules.sortKey(ofID: id), &step)
    case .put(let id, let document):
      let slot = try openForWriting(.documents, &step)
      return write(Item(revision: revision, id: id, bytes: document), step.key, in: slot, &step)
    case .replace(let id, let document, let ifRevision):
      return try replace(document, id: id, ifRevision: ifRevision, &step)
    case .delete(_, let ifRevision):
      return try delete(from: openExisting(.documents, step.place), ifRevision, &step)
    case .kvPut(let key, let value):
      let slot = try openForWriting(.keyValue, &step)
      return write(Item(revision: revision, id: [], bytes: value), key, in: slot, &step)
    case .kvPutIf(_, let value, let expected):
      return try putIf(value, expected: expected, &step)
    case .kvDelete(_, let ifRevision):
      return try delete(from: openKeys(step.place), ifRevision, &step)
    case .kvIncrement(_, let amount):
      return try increment(by: amount, &step)
    }
  }

  private mutating func insert(
    _ document: [UInt8],
    id: [UInt8],
    _ key: [UInt8],
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let slot = try openForWriting(.documents, &step)
    if let existing = collections[slot]?.items[key] {
      throw Failure(
        .alreadyExists,
        "a document of this id exists at revision \(existing.revision)",
        currentRevision: existing.revision
      )
    }
    return write(Item(revision: revision, id: id, bytes: document), key, in: slot, &step)
  }

  private mutating func replace(
    _ document: [UInt8],
    id: [UInt8],
    ifRevision: UInt64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let slot = try openExisting(.documents, step.place)
    guard let existing = collections[slot]?.items[step.key] else {
      throw Failure(.notFound, "there is no document of this id")
    }
    if ifRevision != 0 { try Self.check(existing.revision, against: ifRevision) }
    return write(Item(revision: revision, id: id, bytes: document), step.key, in: slot, &step)
  }

  private mutating func delete(
    from slot: Int?,
    _ ifRevision: UInt64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let existing = slot.flatMap { collections[$0]?.items[step.key] }
    if ifRevision != 0 { try Self.check(existing?.revision ?? 0, against: ifRevision) }
    guard let slot, let existing else { return .deleted(revision: revision, existed: false) }
    collections[slot]?.items.remove(step.key)
    fold(deleted: step.key, in: slot)
    step.note(.delete, id: existing.id.isEmpty ? step.key : existing.id, old: existing.bytes)
    return .deleted(revision: revision, existed: true)
  }

  private mutating func putIf(
    _ value: [UInt8],
    expected: UInt64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let existing = try openKeys(step.place).flatMap { collections[$0]?.items[step.key] }
    try Self.check(existing?.revision ?? 0, against: expected)
    let slot = try openForWriting(.keyValue, &step)
    return write(Item(revision: revision, id: [], bytes: value), step.key, in: slot, &step)
  }

  private mutating func increment(
    by amount: Int64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let existing = try openKeys(step.place).flatMap { collections[$0]?.items[step.key] }
    guard let current = existing.map({ DecimalText.parse($0.bytes) }) ?? 0 else {
      throw Failure(.typeMismatch, "the value is not the decimal text of a 64-bit number")
    }
    let (sum, overflow) = current.addingReportingOverflow(amount)
    guard !overflow else {
      throw Failure(.integerOverflow, "\(current) + \(amount) does not fit 64 bits")
    }
    let slot = try openForWriting(.keyValue, &step)
    let item = Item(revision: revision, id: [], bytes: Array("\(sum)".utf8))
    _ = write(item, step.key, in: slot, &step)
    return .incremented(revision: revision, value: sum)
  }

  private mutating func write(
    _ item: Item,
    _ key: [UInt8],
    in slot: Int,
    _ step: inout Step
  ) -> CommandReply {
    var item = item
    let old = collections[slot]?.items.insert(item, for: key)
    if let old, old.id != item.id {
      // 1 and 1.0 are one id: a document keeps the form that it was made with.
      item.id = old.id
      collections[slot]?.items.insert(item, for: key)
    }
    let id = item.id.isEmpty ? key : item.id
    fold(written: id, item.bytes, in: slot)
    step.note(old == nil ? .insert : .replace, id: id, old: old?.bytes, new: item.bytes)
    return .written(revision: revision, existedBefore: old != nil, id: item.id)
  }

  private static func check(_ current: UInt64, against expected: UInt64) throws(Failure) {
    guard current != expected else { return }
    let found = current == 0 ? "absent" : "at revision \(current)"
    let wanted = expected == 0 ? "nothing there" : "revision \(expected)"
    throw Failure(
      .revisionConflict,
      "expected \(wanted), but it is \(found)",
      currentRevision: current
    )
  }

  /// An ObjectId that depends on the entry alone: seconds of the leader's clock, then the index.
  private static func serverID(at place: LogPlace) -> [UInt8] {
    let seconds = UInt32(truncatingIfNeeded: place.wallMilliseconds / 1_000)
    let index = place.index.rawValue
    let id = ObjectID(
      high: UInt64(seconds) << 32 | index >> 32,
      low: UInt32(truncatingIfNeeded: index)
    )
    return [BSONType.objectID.rawValue] + id.bytes
  }
}
