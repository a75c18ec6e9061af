import Glibc
import Transport

/// What a demo waits for: a line that was typed, or a signal.
enum DemoEvent: Sendable {
  case line(String)
  case endOfInput
  case signal(Int32)

  /// Signals from now on, and lines too if asked for.
  static func stream(readingLines: Bool) throws(CommandFailure) -> AsyncStream<DemoEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: DemoEvent.self)
    try Signals.watch([SIGTERM, SIGINT, SIGHUP]) { continuation.yield(.signal($0)) }
    guard readingLines else { return stream }
    do {
      // The thread blocks in `readLine` and ends with the process.
      _ = try WorkerThread.start(name: "prompt") {
        while let line = readLine() { continuation.yield(.line(line)) }
        continuation.yield(.endOfInput)
      }
    } catch {
      throw CommandFailure.of(code: error.code, "\(error)")
    }
    return stream
  }
}
