import Glibc

/// Microseconds since an arbitrary start; never goes back and does not follow the wall clock.
package enum MonotonicClock {
  /// The time now, in microseconds.
  package static func now() -> UInt64 {
    var time = timespec()
    // `time` outlives the call, which writes exactly one `timespec`.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
  }
}
