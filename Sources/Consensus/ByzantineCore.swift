/// A core whose members may lie: only what clients have signed is ordered, and states are voted
/// for.
package protocol ByzantineCore: ConsensusCore {
  /// A client asks, by this node.
  mutating func submit(_ envelope: SignedEnvelope)

  /// The state that includes everything up to this index has this root (`Effects.stateRootDue`).
  mutating func stateRootIsKnown(_ root: Digest, at index: LogIndex)
}
