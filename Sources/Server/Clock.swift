import Consensus
import Glibc
import Transport

/// The real clocks, for a core that never looks at one itself.
enum Clock {
  static func reading() -> Reading {
    Reading(
      monotonicMicroseconds: MonotonicClock.now(),
      wallMilliseconds: WallClock.milliseconds()
    )
  }
}

/// Chance from the operating system, drawn once per start.
enum SystemSeed {
  static func draw() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
