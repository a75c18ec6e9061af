import Consensus
import PBFT

/// The last events of a run as readable lines, and a digest over all of them.
struct ByzantineTrace {
  private static let linesMax = 300

  private var events: [(time: UInt64, event: Kept)] = []
  private var next = 0
  private var hash = StateDigest()
  /// Gets every line at once, for runs that may stop the process.
  let watcher: ((String) -> Void)?

  /// An event as values: text is made only if somebody looks.
  enum Kept {
    case message(from: Int, to: Int, PBFTMessage)
    case note(String)
  }

  init(watcher: ((String) -> Void)? = nil) {
    self.watcher = watcher
  }

  /// The digest over everything so far.
  var digest: UInt64 { hash.value }

  mutating func fold(_ time: UInt64, _ place: Int, _ content: UInt64) {
    hash.fold(time)
    hash.fold(UInt64(place))
    hash.fold(content)
  }

  mutating func add(_ event: Kept, at time: UInt64) {
    if let watcher { watcher(Self.line(time, event)) }
    if events.count < Self.linesMax {
      events.append((time, event))
    } else {
      events[next] = (time, event)
    }
    next = (next + 1) % Self.linesMax
  }

  /// The last events, oldest first.
  var lines: [String] {
    let isFull = events.count == Self.linesMax
    let ordered = isFull ? events[next...] + events[..<next] : events[...]
    return ordered.map { Self.line($0.time, $0.event) }
  }

  private static func line(_ time: UInt64, _ event: Kept) -> String {
    let whole = String(time / 1_000)
    let part = String(time % 1_000 + 1_000).dropFirst()
    let stamp = String(repeating: " ", count: max(0, 8 - whole.count)) + "\(whole).\(part) ms  "
    switch event {
    case .message(let from, let to, let message):
      return stamp + "r\(to) <- r\(from)  \(message.text)"
    case .note(let text): return stamp + text
    }
  }
}
