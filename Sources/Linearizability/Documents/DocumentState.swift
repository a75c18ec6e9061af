/// What the store may hold at some instant, and what of the open operations then took effect.
struct DocumentState: Hashable {
  /// What is under a key other than the revisions say.
  struct Override: Hashable {
    let key: Int
    let item: DocumentItem?
  }

  /// How many entries of the timeline have been passed.
  var position = 0
  /// In order of keys.
  private(set) var overrides: [Override] = []
  /// By number: changes nobody saw the answer of that took effect.
  var used = OperationSet()
  /// By slot: open questions whose answer was right at some instant.
  var answered = OperationSet()

  /// What is known to be under a key other than the revisions say.
  func override(of key: Int) -> Override? { overrides.first { $0.key == key } }

  /// Puts something under a key that the revisions do not say.
  mutating func set(_ key: Int, _ item: DocumentItem?) {
    clear(key)
    let place = overrides.firstIndex { $0.key > key } ?? overrides.count
    overrides.insert(Override(key: key, item: item), at: place)
  }

  /// What the revisions say is right again.
  mutating func clear(_ key: Int) { overrides.removeAll { $0.key == key } }

  /// Whether all that may follow this state may follow another one as well, at the same position
  /// and with the same items.
  func isAtLeast(_ other: DocumentState) -> Bool {
    position == other.position && overrides == other.overrides
      && used.isSubset(of: other.used) && other.answered.isSubset(of: answered)
  }
}
