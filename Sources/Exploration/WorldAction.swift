/// What can happen next in a world: always at one node.
struct WorldAction: Hashable {
  enum Kind: UInt32 {
    /// The message of that number arrives.
    case deliver
    /// The message of that number, a candidate's, arrives when the trust in a leader has ended.
    case deliverLate
    /// A timer runs out.
    case time
    /// The disk confirms so many more records.
    case sync
    /// A client submits the request of that number.
    case submit
    /// The node crashes, so many unconfirmed records survive, and it starts again.
    case crash
  }

  let kind: Kind
  let node: Int
  /// The number that the kind speaks of.
  let argument: Int

  init(_ kind: Kind, at node: Int, _ argument: Int = 0) {
    self.kind = kind
    self.node = node
    self.argument = argument
  }

  /// The action in a word.
  var packed: UInt32 {
    kind.rawValue << 29 | UInt32(node) << 27 | UInt32(argument)
  }

  init(packed: UInt32) {
    guard let kind = Kind(rawValue: packed >> 29) else {
      fatalError("a packed action is one that was packed here")
    }
    self.init(kind, at: Int(packed >> 27 & 3), Int(packed & (1 << 27 - 1)))
  }
}
