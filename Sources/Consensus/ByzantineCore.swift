/// A core whose members may lie: only what clients have signed is ordered, and states are voted
/// for.
package protocol ByzantineCore: ConsensusCore {
  /// A client asks, by this node.
  ///
  /// - Returns: Why it is not taken, if so: this node's word alone, nothing that was decided.
  @discardableResult
  mutating func submit(_ envelope: SignedEnvelope) -> Refusal?

  /// Whether a message may change anything here, so that its signatures are worth a look.
  func isOfUse(_ message: Message) -> Bool

  /// The state that includes everything up to this index has this root (`Effects.stateRootDue`).
  mutating func stateRootIsKnown(_ root: Digest, at index: LogIndex)

  /// The number of a client's key; nil if the genesis does not name it.
  func number(of client: PublicKey) -> ClientNumber?

  /// What a state must include for this node's word on a read to count: all that it has ever
  /// committed to, in any view.
  ///
  /// A write that anybody has seen done has been committed to by one correct node, at least, of
  /// any 2f+1 that are asked.
  var readBarrier: LogIndex { get }

  /// How things stand, in this mode's words.
  var byzantineStatus: ByzantineStatus { get }
}
