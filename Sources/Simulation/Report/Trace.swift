import Consensus

/// Something that happened in a run, kept as values and made into text only if somebody looks.
package protocol Traceable {
  /// What happened, as people read it.
  var text: String { get }
}

/// The last events of a run as readable lines, and a digest over all of them.
package struct Trace<Event: Traceable> {
  private static var sizeMax: Int { 400 }

  private var events: [(time: UInt64, event: Event)] = []
  private var next = 0
  private var hash = StateDigest()
  /// Gets every line at once, for runs that may stop the process.
  private let watcher: ((String) -> Void)?

  package init(watcher: ((String) -> Void)? = nil) {
    self.watcher = watcher
  }

  /// The digest over everything folded in so far.
  package var digest: UInt64 { hash.value }

  /// Folds an event that was delivered into the digest.
  package mutating func fold(_ time: UInt64, _ place: Int, _ content: UInt64) {
    hash.fold(time)
    hash.fold(UInt64(place))
    hash.fold(content)
  }

  /// Keeps an event for the reader.
  package mutating func add(_ event: Event, at time: UInt64) {
    if let watcher { watcher(Self.line(time, event)) }
    if events.count < Self.sizeMax {
      events.append((time, event))
    } else {
      events[next] = (time, event)
    }
    next = (next + 1) % Self.sizeMax
  }

  /// The last events, oldest first.
  package var lines: [String] {
    let ordered = events.count < Self.sizeMax ? events[...] : events[next...] + events[..<next]
    return ordered.map { Self.line($0.time, $0.event) }
  }

  private static func line(_ time: UInt64, _ event: Event) -> String {
    let whole = String(time / 1_000)
    let part = String(time % 1_000 + 1_000).dropFirst()
    let stamp = String(repeating: " ", count: max(0, 8 - whole.count)) + "\(whole).\(part) ms  "
    return stamp + event.text
  }
}
