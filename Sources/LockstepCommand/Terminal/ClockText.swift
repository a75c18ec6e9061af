import Glibc

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
    let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
    return clock.joined(separator: ":") + "." + padded(milliseconds, 3)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
