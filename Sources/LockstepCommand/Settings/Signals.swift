import Glibc
import Synchronization
import Transport

/// Turns signals into calls on a thread of their own.
enum Signals {
  /// Where the handler writes a signal's number for that thread to read.
  private static let pipe = Atomic<Int32>(-1)

  /// Calls `body` for each of these signals from now on; they no longer end the process.
  ///
  /// A handler is needed although the signals are blocked here: once an asynchronous `main` waits,
  /// libdispatch parks the first thread where every signal is welcome.
  static func watch(
    _ numbers: [Int32],
    _ body: @escaping @Sendable (Int32) -> Void
  ) throws(CommandFailure) {
    var ends: [Int32] = [-1, -1]
    // `pipe` fills the two descriptors of the array.
    guard unsafe Glibc.pipe(&ends) == 0 else {
      throw .of(code: "system_call_failed", "pipe: \(TextFile.problem(errno))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    pipe.store(ends[1], ordering: .releasing)
    for number in numbers { handle(number) }
    let (source, numbers) = (ends[0], numbers)
    mask(numbers, SIG_BLOCK)
    do {
      // The thread lives as long as the process; nobody waits for it.
      _ = try WorkerThread.start(name: "signals") {
        mask(numbers, SIG_UNBLOCK)
        while true {
          var number: UInt8 = 0
          // `read` fills the one byte whose address it is given.
          if unsafe read(source, &number, 1) == 1 { body(Int32(number)) }
        }
      }
    } catch {
      throw CommandFailure.of(code: error.code, "\(error)")
    }
  }

  private static func handle(_ number: Int32) {
    var action = sigaction()
    action.sa_flags = SA_RESTART
    // Nothing but `write` happens in the handler, and `errno` is left as it was.
    unsafe action.__sigaction_handler.sa_handler = { number in
      let before = errno
      var byte = UInt8(truncatingIfNeeded: number)
      unsafe _ = write(Signals.pipe.load(ordering: .acquiring), &byte, 1)
      errno = before
    }
    // The structure outlives the call.
    unsafe _ = sigaction(number, &action, nil)
  }

  private static func mask(_ numbers: [Int32], _ how: Int32) {
    var set = sigset_t()
    // Each call reads or writes the one set whose address it is given.
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(how, &set, nil)
  }
}
