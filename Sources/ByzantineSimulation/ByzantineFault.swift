/// What goes wrong in a run, besides lies.
package enum ByzantineFault: String, CaseIterable, Sendable {
  /// Messages are lost now and then.
  case loss
  /// Messages arrive twice.
  case duplicate
  /// Messages are late and overtake each other.
  case delay
  /// Some replicas and the others do not hear each other.
  case cut
  /// Some replicas are heard by nobody and hear everybody.
  case deaf
  /// One replica's links come and go.
  case flap
  /// A process ends; its disk has what it wrote.
  case kill
  /// Power fails at one replica.
  case powerCut
  /// Power fails at all replicas at once.
  case blackout
  /// A disk takes long to sync.
  case slowDisk
  /// A sync fails, and the process ends.
  case syncError
  /// A wall clock is an hour off.
  case clockJump
  /// A process stands still, and goes on as if nothing had been.
  case freeze
  /// A disk is put back to what it held a while ago.
  case putBack
  /// A disk is emptied and made anew.
  case emptied
}

/// Counts by kind, in the order of the kinds.
struct FaultTally {
  private(set) var counts = [Int](repeating: 0, count: ByzantineFault.allCases.count)

  mutating func add(_ fault: ByzantineFault) {
    guard let place = ByzantineFault.allCases.firstIndex(of: fault) else { return }
    counts[place] += 1
  }
}
