/// What to do to a cluster, and when.
package struct FaultOrder: Equatable, Sendable {
  /// When it begins, in milliseconds since the start.
  package var at: Int
  /// How long it lasts, in milliseconds.
  package var lasts: Int
  /// What is done.
  package var kind: FaultKind
  /// Node numbers; none means whoever leads when it begins.
  ///
  /// For partitions they are all nodes, in the order from which the shape is made.
  package var targets: [Int]
  /// How much, in the unit that the kind names; 0 if it names none.
  package var amount: Int
  /// For the dice that are rolled while it lasts.
  package var seed: UInt64

  /// An order.
  package init(
    at: Int = 0,
    lasts: Int,
    _ kind: FaultKind,
    targets: [Int] = [],
    amount: Int = 0
  ) {
    self.at = at
    self.lasts = lasts
    self.kind = kind
    self.targets = targets
    self.amount = amount
    seed = 0
  }

  /// When it ends, in milliseconds since the start.
  package var ends: Int { at + lasts }
}
