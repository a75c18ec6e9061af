import Consensus
import PBFT
import Replication

/// What can happen next in a run.
enum ByzantineEvent {
  /// A message arrives at a replica.
  case message(from: Int, to: Int, PBFTMessage)
  /// A node looks at what has come in.
  case turn(node: Int, boot: UInt64)
  /// A node's timer fires.
  case tick(node: Int, boot: UInt64)
  /// A journal batch is durable.
  case synced(node: Int, boot: UInt64)
  /// The keeper of the snapshots takes a step.
  case snapshotStep(node: Int, boot: UInt64)
  /// A root has been computed.
  case root(node: Int, boot: UInt64, index: LogIndex, root: Digest)
  /// A state that a node wants is there.
  case state(node: Int, boot: UInt64)
  /// A node that is down starts.
  case restart(node: Int)
  /// The liars think.
  case liars
  /// A client's bytes arrive at a node.
  case envelope(to: Int, bytes: [UInt8])
  /// A node's answer arrives at a client.
  case answer(from: Int, to: Int, OrderedAnswer)
  /// A client's question arrives at a node, which answers for itself.
  case fastRead(to: Int, FastQuestion)
  /// A node's own word arrives at a client.
  case fastAnswer(from: Int, to: Int, FastAnswer)
  /// A client looks at what it waits for.
  case client(Int)
  /// A client that breaks rules does so.
  case mischief
  /// A fault begins.
  case strike
  /// A fault is over.
  case calm(ByzantineFault, Int)

  /// The node whose process takes it up.
  var process: Int? {
    switch self {
    case .message(_, let to, _), .envelope(let to, _), .fastRead(let to, _): to
    case .turn(let node, _), .tick(let node, _), .synced(let node, _), .snapshotStep(let node, _),
      .root(let node, _, _, _), .state(let node, _):
      node
    case .restart, .liars, .answer, .fastAnswer, .client, .mischief, .strike, .calm: nil
    }
  }
}
