/// A fault that lasts: what it struck, whether it was felt, how it is healed.
@MainActor
final class Wound {
  /// The nodes that it struck in fact.
  let targets: [Int]
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
}
