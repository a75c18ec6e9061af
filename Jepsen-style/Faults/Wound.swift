/// A fault that lasts: what it struck, whether it was felt, how it is healed.
@MainActor
struct Wound {
  /// The nodes that it struck in fact.
  let targets: [Int]
  /// What was done, for people.
  var words = ""
  /// How often it was felt so far; nil if only the calls under way can tell.
  var feltCount: (@MainActor () -> Int)?
  /// Ends it.
  let heal: @MainActor () async throws(HarnessError) -> Void
}
