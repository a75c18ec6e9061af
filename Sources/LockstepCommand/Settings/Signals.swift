import Glibc
import Transport

/// Turns signals into calls on a thread of their own.
enum Signals {
  /// Calls `body` for each of these signals from now on; they no longer end the process.
  ///
  /// Call it before other threads exist: they inherit that they do not take the signals.
  static func watch(
    _ numbers: [Int32],
    _ body: @escaping @Sendable (Int32) -> Void
  ) throws(CommandFailure) {
    var set = sigset_t()
    // Each call reads or writes the one set whose address it is given.
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    let watched = set
    do {
      // The thread lives as long as the process; nobody waits for it.
      _ = try WorkerThread.start(name: "signals") {
        var watched = watched
        while true {
          var number: Int32 = 0
          // `sigwait` reads the set and writes one number.
          if unsafe sigwait(&watched, &number) == 0 { body(number) }
        }
      }
    } catch {
      throw CommandFailure.of(code: error.code, "\(error)")
    }
  }
}
