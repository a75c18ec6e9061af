import Wire
import Consensus
import Replication
import Raft

/// Something that happened in a run, kept as values and made into text only if somebody looks.
enum TraceEvent {
  /// A message arrived.
  case received(node: Int, from: Int, PeerMessage<RaftMessage>)
  /// A node changed its role, term or commit index.
  case stands(node: Int, CoreStatus)
  /// A process was started.
  case started(node: Int, boot: UInt64, records: Int)
  /// A process is gone.
  case stopped(node: Int, FaultKind)
  /// A strike of the fault plan is carried out.
  case strike(FaultStrike)
  /// Another fault began.
  case fault(FaultKind, FaultEpisode.Change, nodes: [Int], microseconds: UInt64)
  /// A fault is over.
  case faultEnded(FaultKind)
  /// A journal batch is durable.
  case synced(node: Int, through: UInt64)
  /// A client sent a request.
  case asked(client: Int, node: Int, ClientCall.Purpose)
  /// A client got a reply.
  case answered(client: Int, node: Int, ReplicaReply)
}

/// The last events of a run as readable lines, and a digest over all of them.
struct Trace {
  private static let sizeMax = 400

  private var events: [(time: UInt64, event: TraceEvent)] = []
  private var next = 0
  private var hash = StateDigest()

  /// Gets every line at once, for runs that may stop the process.
  let watcher: ((String) -> Void)?

  init(watcher: ((String) -> Void)? = nil) {
    self.watcher = watcher
  }

  /// The digest over everything folded in so far.
  var digest: UInt64 { hash.value }

  /// Folds an event that was delivered into the digest.
  mutating func fold(_ time: UInt64, _ place: Int, _ content: UInt64) {
    hash.fold(time)
    hash.fold(UInt64(place))
    hash.fold(content)
  }

  /// Keeps an event for the reader.
  mutating func add(_ event: TraceEvent, at time: UInt64) {
    if let watcher { watcher(Self.line(time, event)) }
    if events.count < Self.sizeMax {
      events.append((time, event))
    } else {
      events[next] = (time, event)
    }
    next = (next + 1) % Self.sizeMax
  }

  /// The last events, oldest first.
  var lines: [String] {
    let ordered = events.count < Self.sizeMax ? events[...] : events[next...] + events[..<next]
    return ordered.map { Self.line($0.time, $0.event) }
  }

  private static func line(_ time: UInt64, _ event: TraceEvent) -> String {
    let whole = String(time / 1_000)
    let part = String(time % 1_000 + 1_000).dropFirst()
    let stamp = String(repeating: " ", count: max(0, 8 - whole.count)) + "\(whole).\(part) ms  "
    return stamp + text(event)
  }

  private static func text(_ event: TraceEvent) -> String {
    switch event {
    case .received(let node, let from, let message):
      "n\(node + 1) <- n\(from + 1)  \(message.text)"
    case .stands(let node, let status):
      "n\(node + 1) \(status.role.rawValue), term \(status.term), commit \(status.commitIndex), "
        + "last \(status.lastIndex)"
    case .started(let node, let boot, let records):
      "n\(node + 1) starts, boot \(boot), \(records) records"
    case .stopped(let node, let fault): "n\(node + 1) is down: \(fault.rawValue)"
    case .strike(let strike): "strike \(strike.number) \(strike.kind.rawValue)"
    case .fault(let fault, .links(let links), _, let microseconds):
      "fault \(fault.rawValue) for \(microseconds / 1_000) ms, cut: \(text(links))"
    case .fault(let fault, _, let nodes, let microseconds):
      "fault \(fault.rawValue) for \(microseconds / 1_000) ms:"
        + nodes.map { " n\($0 + 1)" }.joined()
    case .faultEnded(let fault): "fault \(fault.rawValue) is over"
    case .synced(let node, let position): "n\(node + 1) journal durable through \(position)"
    case .asked(let client, let node, let question): "c\(client) -> n\(node + 1)  \(question)"
    case .answered(let client, let node, let reply):
      "c\(client) <- n\(node + 1)  \(text(reply))"
    }
  }

  /// Links as `n1-n2`, and `n1->n2` where only one direction is cut.
  private static func text(_ links: [LinkCut]) -> String {
    links.compactMap { link -> String? in
      let isTwoWay = links.contains { $0.from == link.to && $0.to == link.from }
      guard isTwoWay else { return "n\(link.from + 1)->n\(link.to + 1)" }
      return link.from < link.to ? "n\(link.from + 1)-n\(link.to + 1)" : nil
    }.joined(separator: " ")
  }

  private static func text(_ reply: ReplicaReply) -> String {
    switch reply {
    case .applied(let index, let bytes): "applied at \(index), \(bytes.count) bytes"
    case .answer(let index, let bytes): "answer at \(index), \(bytes.count) bytes"
    case .refused(let refusal): "refused: \(refusal)"
    case .registered, .closed, .outcome, .objection, .transferred, .reconfigured: "\(reply)"
    }
  }
}
