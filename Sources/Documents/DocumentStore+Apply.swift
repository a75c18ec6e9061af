import BSON
import ClientProtocol
package import Consensus
package import Wire

extension DocumentStore {
  /// Whether a command is not of a later version than this program reads; one that is too short to
  /// tell is malformed for everybody.
  package func knows(_ command: Bytes) -> Bool {
    guard command.count >= 2 else { return true }
    return UInt16(command[0]) | UInt16(command[1]) << 8 <= Command.version
  }

  /// A later version of commands bears the number of the level that brings it.
  package func level(of command: Bytes) -> FeatureLevel {
    guard command.count >= 2 else { return .base }
    return FeatureLevel(UInt16(command[0]) | UInt16(command[1]) << 8)
  }

  /// Deletes and drops.
  package func onlyRemoves(_ command: Bytes) -> Bool {
    guard let command = try? Command(decoding: command.array) else { return false }
    return switch command.operation {
    case .delete, .kvDelete, .dropCollection: true
    case .createCollection, .insert, .put, .replace, .kvPut, .kvPutIf, .kvIncrement: false
    }
  }

  /// Carries out a command; one that cannot be done says so in its reply and changes nothing.
  package mutating func apply(_ command: Bytes, at place: LogPlace) -> CompactBytes {
    invariant(place.index.rawValue > revision, "commands are applied in order, each once (S7)")
    revision = place.index.rawValue
    notes.removeAll(keepingCapacity: true)
    replaced.letGoIfMany()
    let reply: CommandReply
    do throws(Failure) {
      if let usual = applyOutlined(command) {
        reply = usual
      } else {
        reply = try carryOut(command, at: place)
      }
    } catch {
      invariant(notes.isEmpty, "a command that fails changes nothing")
      reply = .failed(error)
    }
    expireOrdered(at: place)
    writer.removeAll()
    reply.encode(into: &writer)
    return CompactBytes(written: writer)
  }

  /// The short way of the commonest command, `kvPut` into the collection used last.
  ///
  /// What it stores is the part of the entry that holds the value. All others are nil here.
  private mutating func applyOutlined(_ command: Bytes) -> CommandReply? {
    guard let found = lastFound, found.kind == .keyValue,
      let put = rules.outline(of: command, at: found.known)
    else { return nil }
    let item = Item(revision: revision, id: [], bytes: command[put.value])
    return write(item, command[put.key], in: found.slot, found.known.place)
  }

  private mutating func carryOut(
    _ command: Bytes,
    at place: LogPlace
  ) throws(Failure) -> CommandReply {
    let checked = try rules.check(command, knowing: lastFound?.known)
    var step = Step(checked)
    switch checked.command.operation {
    case .createCollection: return try createCollection(step)
    case .dropCollection: return try dropCollection(step)
    case .insert(let id?, let document): return try insert(document, id: id, step)
    case .insert(nil, let document):
      let id = Self.serverID(at: place)
      step.key = try rules.sortKey(ofID: id)
      return try insert(document, id: id, step)
    case .put(let id, let document):
      return put(document, id: id, step, in: try openForWriting(.documents, step))
    case .replace(let id, let document, let ifRevision):
      return try replace(document, id: id, ifRevision: ifRevision, step)
    case .delete(_, let ifRevision):
      return try delete(from: openExisting(.documents, step.place), ifRevision, step)
    case .kvPut(_, let value): return put(value, step, in: try openForWriting(.keyValue, step))
    case .kvPutIf(_, let value, let expected): return try putIf(value, expected: expected, step)
    case .kvDelete(_, let ifRevision):
      return try delete(from: openKeys(step.place), ifRevision, step)
    case .kvIncrement(_, let amount): return try increment(by: amount, step)
    }
  }

  private mutating func insert(
    _ document: [UInt8],
    id: [UInt8],
    _ step: Step
  ) throws(Failure) -> CommandReply {
    let slot = try openForWriting(.documents, step)
    if let existing = collections[slot]?.items[Bytes(step.key)] {
      throw Failure(
        .alreadyExists,
        "a document of this id exists at revision \(existing.revision)",
        currentRevision: existing.revision
      )
    }
    return put(document, id: id, step, in: slot)
  }

  private mutating func replace(
    _ document: [UInt8],
    id: [UInt8],
    ifRevision: UInt64,
    _ step: Step
  ) throws(Failure) -> CommandReply {
    let slot = try openExisting(.documents, step.place)
    guard let existing = collections[slot]?.items[Bytes(step.key)] else {
      throw Failure(.notFound, "there is no document of this id")
    }
    if ifRevision != 0 { try Self.check(existing.revision, against: ifRevision) }
    return put(document, id: id, step, in: slot)
  }

  private mutating func delete(
    from slot: Int?,
    _ ifRevision: UInt64,
    _ step: Step
  ) throws(Failure) -> CommandReply {
    let existing = slot.flatMap { collections[$0]?.items[Bytes(step.key)] }
    if ifRevision != 0 { try Self.check(existing?.revision ?? 0, against: ifRevision) }
    guard let slot, let existing else { return .deleted(revision: revision, existed: false) }
    collections[slot]?.items.remove(Bytes(step.key))
    fold(deleted: Bytes(step.key), in: slot)
    let id = existing.shownID(under: step.key)
    note(.delete, step.place, id: Bytes(id), old: replaced.add(existing))
    return .deleted(revision: revision, existed: true)
  }

  private mutating func putIf(
    _ value: [UInt8],
    expected: UInt64,
    _ step: Step
  ) throws(Failure) -> CommandReply {
    let existing = try openKeys(step.place).flatMap { collections[$0]?.items[Bytes(step.key)] }
    try Self.check(existing?.revision ?? 0, against: expected)
    return put(value, step, in: try openForWriting(.keyValue, step))
  }

  private mutating func increment(
    by amount: Int64,
    _ step: Step
  ) throws(Failure) -> CommandReply {
    let existing = try openKeys(step.place).flatMap { collections[$0]?.items[Bytes(step.key)] }
    guard let current = existing.map({ DecimalText.parse($0.bytes.array) }) ?? 0 else {
      throw Failure(.typeMismatch, "the value is not the decimal text of a 64-bit number")
    }
    let (sum, overflow) = current.addingReportingOverflow(amount)
    guard !overflow else {
      throw Failure(.integerOverflow, "\(current) + \(amount) does not fit 64 bits")
    }
    _ = put(Array("\(sum)".utf8), step, in: try openForWriting(.keyValue, step))
    return .incremented(revision: revision, value: sum)
  }

  /// Stores what a command brings under its key; a raw key has no id besides.
  private mutating func put(
    _ bytes: [UInt8],
    id: [UInt8] = [],
    _ step: Step,
    in slot: Int
  ) -> CommandReply {
    let item = Item(revision: revision, id: id, bytes: Bytes(bytes))
    return write(item, Bytes(step.key), in: slot, step.place)
  }

  private mutating func write(
    _ item: Item,
    _ key: Bytes,
    in slot: Int,
    _ collection: Place
  ) -> CommandReply {
    var id = item.id
    var place: Int?
    if let old = collections.insert(item, for: key, in: slot) {
      if old.id != id {
        // 1 and 1.0 are one id: a document keeps the form that it was made with.
        id = old.id
        let kept = Item(revision: item.revision, id: id, bytes: item.bytes)
        _ = collections.insert(kept, for: key, in: slot)
      }
      place = replaced.add(old)
    }
    let name = id.isEmpty ? key : Bytes(id)
    fold(written: name, item.bytes, in: slot)
    note(place == nil ? .insert : .replace, collection, id: name, old: place, new: item.bytes)
    return .written(revision: revision, existedBefore: place != nil, id: id)
  }

  /// Adds to what the command has changed.
  mutating func note(
    _ kind: Change.Kind,
    _ place: Place,
    id: Bytes = [],
    old: Int? = nil,
    new: Bytes? = nil
  ) {
    notes.append(ChangeNote(kind: kind, place: place, id: id, old: old, new: new))
    if tracker != nil { track(kind, place, id: id, new: new) }
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
