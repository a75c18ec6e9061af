/// A fault that lasts: what it struck, whether it was felt, how it is healed.
@MainActor
final class Wound {
  /// The nodes that it struck in fact.
  private(set) var targets: [Int]
  /// Whether anything was done at all: what was not done nobody felt, whatever was under way.
  private(set) var hasHappened = true
  /// What was done, for people; more may become known while it lasts.
  var words: String
  /// How often it was felt so far; nil if only the calls under way can tell.
  var feltCount: (@MainActor () -> Int)?
  /// Ends it.
  var heal: @MainActor () async throws(HarnessError) -> Void

  init(
    targets: [Int],
    words: String,
    feltCount: (@MainActor () -> Int)? = nil,
    heal: @escaping @MainActor () async throws(HarnessError) -> Void
  ) {
    self.targets = targets
    self.words = words
    self.feltCount = feltCount
    self.heal = heal
  }

  /// A fault that could not be had where it was to strike.
  static func none(_ words: String) -> Wound {
    let wound = Wound(targets: [], words: words) { () throws(HarnessError) in }
    wound.comeToNothing(words)
    return wound
  }

  /// Nothing was done; the words say why.
  func comeToNothing(_ words: String) {
    targets = []
    hasHappened = false
    self.words = words
  }
}
