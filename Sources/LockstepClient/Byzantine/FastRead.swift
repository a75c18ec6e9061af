import ClientProtocol
import Wire

/// A question that each node answers from its own state.
final class FastRead {
  let call: Call
  /// When it becomes an ordered read.
  let dueAt: UInt64
  var tally: Tally

  init(_ call: Call, dueAt: UInt64, asked: Set<UInt32>) {
    self.call = call
    self.dueAt = dueAt
    tally = Tally(silent: asked)
  }

  /// What the nodes that were asked have said.
  struct Tally {
    /// Those that have not answered yet.
    private(set) var silent: Set<UInt32>
    private var votes = ReplyVotes()

    init(silent: Set<UInt32>) {
      self.silent = silent
    }

    /// Takes a node's first answer; what it says after that counts for nothing.
    ///
    /// - Returns: Whether `quorum` of them have said the same now.
    mutating func take(_ body: Reply.Body, from node: UInt32, quorum: Int) -> Bool {
      guard silent.remove(node) != nil, case .result = body else { return false }
      // Where the state stands is each node's own affair; the answer is not.
      return votes.note(ReplyVotes.Word(index: 0, body: body), from: node) >= quorum
    }
  }
}

/// Reads without the order: each node waits until it has executed all that it ever promised to
/// commit, and 2f+1 equal answers are then of a state that includes every answered write.
extension ByzantineDriver {
  /// What takes longer is ordered instead.
  private static let patienceMicroseconds: UInt64 = 50_000

  /// Asks all nodes; false if too few are reached for it.
  func readFast(_ query: [UInt8], for call: Call) -> Bool {
    let asked = readyLinks
    guard asked.count >= credentials.quorum else { return false }
    nextRequestID += 1
    let id = nextRequestID
    let dueAt = now + Self.patienceMicroseconds
    fastReads[id] = FastRead(call, dueAt: dueAt, asked: Set(asked.map(\.node.id)))
    call.requestID = id
    let head = FrameHead(kind: FrameKind.fastRead.rawValue, requestID: id)
    for link in asked {
      transmit(over: link) { $0.writeFrame(head) { $0.writeRaw(query) } }
    }
    return true
  }

  func receive(_ reply: Reply, of read: FastRead, from link: ReplicaLink) {
    let node = link.node.id
    guard read.tally.take(reply.body, from: node, quorum: credentials.quorum) else {
      return read.tally.silent.isEmpty ? giveUp(read) : ()
    }
    fastReads[read.call.requestID] = nil
    // What surrounds the answer nobody else has said.
    let head = Reply.Head(node: node, leader: 0, leaderAddress: "", revision: 0)
    finish(read.call, .success(Answer(head: head, body: reply.body, write: nil)))
  }

  /// Orders what was not answered in time.
  func giveUpFastReads() {
    for id in fastReads.keys.sorted() {
      if let read = fastReads[id], read.dueAt <= now { giveUp(read) }
    }
  }

  private func giveUp(_ read: FastRead) {
    fastReads[read.call.requestID] = nil
    read.call.isFast = false
    due.append(read.call)
  }
}
