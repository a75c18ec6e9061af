import Glibc
import Wire

/// The time of day on this machine, as people note it beside an event.
enum ClockText {
  /// `14:02:11.031`.
  static func now() -> String {
    var time = timespec()
    var parts = unsafe tm()
    // Both calls write the one structure whose address they are given.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    unsafe localtime_r(&time.tv_sec, &parts)
    let milliseconds = time.tv_nsec / 1_000_000
    let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0.padded(to: 2) }
    return clock.joined(separator: ":") + "." + milliseconds.padded(to: 3)
  }
}
