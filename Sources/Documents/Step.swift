import ClientProtocol

/// One command at work: where, what it is about, and what it has changed so far.
struct Step {
  let revision: UInt64
  let place: Place
  /// What the command's id or key is found by.
  let key: [UInt8]
  let isPlaceKnown: Bool
  private(set) var changes: [Change] = []

  init(_ checked: CheckedCommand, revision: UInt64) {
    self.revision = revision
    place = checked.command.place
    key = checked.key
    isPlaceKnown = checked.isPlaceKnown
  }

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
