import ClientProtocol
import Wire

/// A question that each node answers from its own state.
final class FastRead {
  let call: Call
  /// When it becomes an ordered read.
  let dueAt: UInt64
  /// Nodes that have not answered yet.
  var silent: Int
  var votes = ReplyVotes()

  init(_ call: Call, dueAt: UInt64, asked: Int) {
    self.call = call
    self.dueAt = dueAt
    silent = asked
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
    fastReads[id] = FastRead(call, dueAt: dueAt, asked: asked.count)
    call.requestID = id
    let head = FrameHead(kind: FrameKind.fastRead.rawValue, requestID: id)
    for link in asked {
      transmit(over: link) { $0.writeFrame(head) { $0.writeRaw(query) } }
    }
    return true
  }

  func receive(_ reply: Reply, of read: FastRead, from link: ReplicaLink) {
    read.silent -= 1
    if case .result = reply.body {
      // Where the state stands is each node's own affair; the answer is not.
      let word = ReplyVotes.Word(index: 0, body: reply.body)
      if read.votes.note(word, from: link.node.id) >= credentials.quorum {
        fastReads[read.call.requestID] = nil
        // What surrounds the answer nobody else has said.
        let head = Reply.Head(node: link.node.id, leader: 0, leaderAddress: "", revision: 0)
        return finish(read.call, .success(Answer(head: head, body: reply.body, write: nil)))
      }
    }
    if read.silent <= 0 { giveUp(read) }
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
