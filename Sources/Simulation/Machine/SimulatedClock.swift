import Consensus

/// The clocks of one node: a monotonic one that may run fast or slow, and a wall clock that may
/// jump.
struct SimulatedClock {
  /// The rate of a good clock.
  static let trueRatePermille: UInt64 = 1_000

  private static let wallStartMilliseconds: Int64 = 1_700_000_000_000

  /// The last moment at which the rate changed, in true and in own time.
  private var changedAt: UInt64 = 0
  private var ownTimeThen: UInt64
  private var ratePermille = trueRatePermille
  private var wallOffsetMilliseconds: Int64 = 0

  /// A good clock whose zero lies somewhere in the past.
  init(startMicroseconds: UInt64) {
    ownTimeThen = startMicroseconds
  }

  /// What the node sees at a true time.
  func reading(at time: UInt64) -> Reading {
    let wall = Self.wallStartMilliseconds + Int64(time / 1_000) + wallOffsetMilliseconds
    return Reading(
      monotonicMicroseconds: ownTime(at: time),
      wallMilliseconds: UInt64(max(0, wall))
    )
  }

  /// Lets the monotonic clock run at another rate from now on.
  mutating func setRate(permille: UInt64, at time: UInt64) {
    ownTimeThen = ownTime(at: time)
    changedAt = time
    ratePermille = permille
  }

  /// Lets the wall clock jump.
  mutating func jump(milliseconds: Int64) {
    wallOffsetMilliseconds += milliseconds
  }

  private func ownTime(at time: UInt64) -> UInt64 {
    ownTimeThen + (time - changedAt) * ratePermille / Self.trueRatePermille
  }
}
