import Glibc

/// The time people use.
///
/// It may jump, so it is stored in values and never decides anything.
package enum WallClock {
  /// The time now, in milliseconds since 1970 (UTC).
  package static func milliseconds() -> UInt64 {
    var time = timespec()
    // `time` outlives the call, which writes exactly one `timespec`.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
  }
}
