/// What a store has let go of and may be the last to hold: to free a million entries takes half a
/// second, which somebody else may have.
struct Discarded: Sendable {
  /// Fewer entries are freed at once.
  private static let entriesMin = 1_024

  /// Whether somebody will ask for it; otherwise everything is freed at once.
  let isKept: Bool
  private var things: [any Sendable] = []

  init(isKept: Bool) {
    self.isKept = isKept
  }

  /// Lets go of something that holds so many entries.
  mutating func add(_ thing: some Sendable, entries: Int) {
    if isKept, entries >= Self.entriesMin { things.append(thing) }
  }

  mutating func take() -> [any Sendable] {
    guard !things.isEmpty else { return [] }
    defer { things = [] }
    return things
  }
}
