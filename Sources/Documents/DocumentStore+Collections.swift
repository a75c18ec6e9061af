import ClientProtocol
import Consensus

extension DocumentStore {
  /// One command at work: where, at which revision, and what it has changed so far.
  struct Step {
    let place: Place
    let revision: UInt64
    var changes: [Change] = []

    mutating func note(
      _ kind: Change.Kind,
      id: [UInt8] = [],
      old: [UInt8]? = nil,
      new: [UInt8]? = nil
    ) {
      changes.append(
        Change(
          revision: revision,
          ordinal: UInt32(changes.count),
          kind: kind,
          place: place,
          id: id,
          old: old,
          new: new
        )
      )
    }
  }

  mutating func createCollection(_ step: inout Step) throws(Failure) -> CommandReply {
    guard slot(of: step.place) == nil else {
      throw Failure(.collectionExists, "the collection \(step.place.collection) exists")
    }
    _ = create(.documents, &step)
    return .changed(revision: revision)
  }

  mutating func dropCollection(_ step: inout Step) throws(Failure) -> CommandReply {
    guard let slot = slots.remove(Self.key(of: step.place)) else {
      throw unknown(step.place)
    }
    collections[slot] = nil
    step.note(.dropCollection)
    return .changed(revision: revision)
  }

  /// The collection that a write goes to; the first write makes it.
  mutating func openForWriting(
    _ kind: Collection.Kind,
    _ step: inout Step
  ) throws(Failure) -> Int {
    guard let slot = slot(of: step.place) else { return create(kind, &step) }
    try check(slot, isOf: kind, step.place)
    return slot
  }

  /// A collection that must exist already.
  func openExisting(_ kind: Collection.Kind, _ step: Step) throws(Failure) -> Int {
    try openExisting(kind, step.place)
  }

  /// A collection that must exist already.
  func openExisting(_ kind: Collection.Kind, _ place: Place) throws(Failure) -> Int {
    guard let slot = slot(of: place) else { throw unknown(place) }
    try check(slot, isOf: kind, place)
    return slot
  }

  func unknown(_ place: Place) -> Failure {
    Failure(.unknownCollection, "there is no collection \(place.collection) in \(place.database)")
  }

  private mutating func create(_ kind: Collection.Kind, _ step: inout Step) -> Int {
    let slot = collections.firstIndex { $0 == nil } ?? collections.count
    if slot == collections.count { collections.append(nil) }
    collections[slot] = Collection(
      kind: kind,
      database: step.place.database,
      name: step.place.collection,
      createdRevision: revision
    )
    slots.insert(slot, for: Self.key(of: step.place))
    step.note(.createCollection)
    return slot
  }

  private func check(
    _ slot: Int,
    isOf kind: Collection.Kind,
    _ place: Place
  ) throws(Failure) {
    guard collections[slot]?.kind != kind else { return }
    let held = kind == .documents ? "raw values; use kv" : "documents, not raw values"
    throw Failure(.typeMismatch, "\(place.collection) holds \(held)")
  }
}
