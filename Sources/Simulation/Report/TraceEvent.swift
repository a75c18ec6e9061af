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

extension TraceEvent: Traceable {
  var text: String {
    switch self {
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
      "fault \(fault.rawValue) for \(microseconds / 1_000) ms, cut: \(Self.text(links))"
    case .fault(let fault, _, let nodes, let microseconds):
      "fault \(fault.rawValue) for \(microseconds / 1_000) ms:"
        + nodes.map { " n\($0 + 1)" }.joined()
    case .faultEnded(let fault): "fault \(fault.rawValue) is over"
    case .synced(let node, let position): "n\(node + 1) journal durable through \(position)"
    case .asked(let client, let node, let question): "c\(client) -> n\(node + 1)  \(question)"
    case .answered(let client, let node, let reply):
      "c\(client) <- n\(node + 1)  \(Self.text(reply))"
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
