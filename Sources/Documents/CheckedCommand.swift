import ClientProtocol

/// A command that satisfies the rules, and what was worked out on the way.
struct CheckedCommand {
  let command: Command
  /// What its id or key is found by; empty for collections and for ids that the store makes.
  let key: [UInt8]
  /// Whether it names the place that was used last.
  let isPlaceKnown: Bool
}
