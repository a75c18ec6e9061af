import Dispatch
import Synchronization

/// Lines of a log, gathered from the server's thread.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  private let hasMore = DispatchSemaphore(value: 0)

  func append(_ line: String) {
    lines.withLock { $0.append(line) }
    hasMore.signal()
  }

  /// The first line with this text, once it is there; nil if it does not come.
  func wait(for text: String, seconds: Int = 60) -> String? {
    let deadline = DispatchTime.now() + .seconds(seconds)
    while true {
      if let line = all.first(where: { $0.contains(text) }) { return line }
      guard hasMore.wait(timeout: deadline) == .success else { return nil }
    }
  }

  var all: [String] { lines.withLock { $0 } }

  func contain(_ text: String) -> Bool {
    lines.withLock { $0.contains { $0.contains(text) } }
  }
}
