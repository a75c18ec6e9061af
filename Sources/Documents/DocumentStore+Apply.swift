import BSON
import ClientProtocol
package import Consensus
import Wire

extension DocumentStore {
  /// Carries out a command; one that cannot be done says so in its reply and changes nothing.
  package mutating func apply(_ command: [UInt8], at place: LogPlace) -> Applied<Change> {
    revision = place.index.rawValue
    var changes: [Change] = []
    let reply: CommandReply
    do throws(Failure) {
      let command = try rules.check(command)
      reply = try carryOut(command, at: place, &changes)
    } catch {
      reply = .failed(error)
    }
    return Applied(reply: reply.encoded(), changes: changes)
  }

  private mutating func carryOut(
    _ command: Command,
    at place: LogPlace,
    _ changes: inout [Change]
  ) throws(Failure) -> CommandReply {
    var step = Step(place: command.place, revision: revision)
    defer { changes = step.changes }
    switch command.operation {
    case .createCollection: return try createCollection(&step)
    case .dropCollection: return try dropCollection(&step)
    case .insert(let id, let document):
      return try insert(document, id: id ?? Self.serverID(at: place), &step)
    case .put(let id, let document):
      return try put(document, id: id, &step)
    case .replace(let id, let document, let ifRevision):
      return try replace(document, id: id, ifRevision: ifRevision, &step)
    case .delete(let id, let ifRevision):
      return try delete(rules.sortKey(ofID: id), id: id, .documents, ifRevision, &step)
    case .kvPut(let key, let value):
      let slot = try openForWriting(.keyValue, &step)
      return write(Item(revision: revision, id: [], bytes: value), key, in: slot, &step)
    case .kvPutIf(let key, let value, let expected):
      return try putIf(value, key: key, expected: expected, &step)
    case .kvDelete(let key, let ifRevision):
      return try delete(key, id: key, .keyValue, ifRevision, &step)
    case .kvIncrement(let key, let amount):
      return try increment(key, by: amount, &step)
    }
  }

  private mutating func insert(
    _ document: [UInt8],
    id: [UInt8],
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let slot = try openForWriting(.documents, &step)
    let key = try rules.sortKey(ofID: id)
    if let existing = collections[slot]?.items[key] {
      throw Failure(
        .alreadyExists,
        "a document of this id exists at revision \(existing.revision)",
        currentRevision: existing.revision
      )
    }
    return write(Item(revision: revision, id: id, bytes: document), key, in: slot, &step)
  }

  private mutating func put(
    _ document: [UInt8],
    id: [UInt8],
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let slot = try openForWriting(.documents, &step)
    let key = try rules.sortKey(ofID: id)
    return write(Item(revision: revision, id: id, bytes: document), key, in: slot, &step)
  }

  private mutating func replace(
    _ document: [UInt8],
    id: [UInt8],
    ifRevision: UInt64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let slot = try openExisting(.documents, step)
    let key = try rules.sortKey(ofID: id)
    guard let existing = collections[slot]?.items[key] else {
      throw Failure(.notFound, "there is no document of this id")
    }
    try Self.check(existing.revision, against: ifRevision)
    return write(Item(revision: revision, id: id, bytes: document), key, in: slot, &step)
  }

  private mutating func delete(
    _ key: [UInt8],
    id: [UInt8],
    _ kind: Collection.Kind,
    _ ifRevision: UInt64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let slot = try openExisting(kind, step)
    guard let existing = collections[slot]?.items[key] else {
      guard ifRevision == 0 else {
        throw Failure(.revisionConflict, "expected revision \(ifRevision); it is absent")
      }
      return .deleted(revision: revision, existed: false)
    }
    try Self.check(existing.revision, against: ifRevision)
    collections[slot]?.items.remove(key)
    step.note(.delete, id: id, old: existing.bytes)
    return .deleted(revision: revision, existed: true)
  }

  private mutating func putIf(
    _ value: [UInt8],
    key: [UInt8],
    expected: UInt64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    let current = slot(of: step.place).flatMap { collections[$0]?.items[key]?.revision } ?? 0
    guard current == expected else {
      throw Failure(
        .revisionConflict,
        "expected revision \(expected), current \(current)",
        currentRevision: current
      )
    }
    let slot = try openForWriting(.keyValue, &step)
    return write(Item(revision: revision, id: [], bytes: value), key, in: slot, &step)
  }

  private mutating func increment(
    _ key: [UInt8],
    by amount: Int64,
    _ step: inout Step
  ) throws(Failure) -> CommandReply {
    var current: Int64 = 0
    if let text = slot(of: step.place).flatMap({ collections[$0]?.items[key]?.bytes }) {
      guard let number = DecimalText.parse(text) else {
        throw Failure(.typeMismatch, "the value is not the decimal text of a 64-bit number")
      }
      current = number
    }
    let (sum, overflow) = current.addingReportingOverflow(amount)
    guard !overflow else {
      throw Failure(.integerOverflow, "\(current) + \(amount) does not fit 64 bits")
    }
    let slot = try openForWriting(.keyValue, &step)
    let item = Item(revision: revision, id: [], bytes: Array("\(sum)".utf8))
    _ = write(item, key, in: slot, &step)
    return .incremented(revision: revision, value: sum)
  }

  private mutating func write(
    _ item: Item,
    _ key: [UInt8],
    in slot: Int,
    _ step: inout Step
  ) -> CommandReply {
    let old = collections[slot]?.items.insert(item, for: key)
    let id = item.id.isEmpty ? key : item.id
    step.note(old == nil ? .insert : .replace, id: id, old: old?.bytes, new: item.bytes)
    return .written(revision: revision, existedBefore: old != nil, id: item.id)
  }

  private static func check(_ current: UInt64, against expected: UInt64) throws(Failure) {
    guard expected != 0, expected != current else { return }
    throw Failure(
      .revisionConflict,
      "expected revision \(expected), current \(current)",
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
