import Consensus

/// A fault of the plan at its moment.
///
/// It has chance of its own, so that leaving a strike out changes nothing in what the others draw.
struct FaultStrike {
  /// Counted from 1, in the order of time.
  let number: Int
  let kind: FaultKind
  /// When it strikes, in microseconds.
  let time: UInt64
  /// Decides whom it hits, and for how long.
  let random: RandomSource
  var aim = Aim.anybody
  /// The recipe whose last step this is.
  var completes: FaultKind?

  /// Whom a strike is meant for.
  enum Aim {
    /// As often as not the leader.
    case anybody
    case leader
    case node(Int)
  }

  /// A hundred of the shortest election timeouts.
  static let longMicroseconds: UInt64 = 15_000_000
}
