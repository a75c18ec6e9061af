import Consensus
import PBFT
import Replication
import Transport

// Where a lie is plugged in; without one a node says what its replica says.
extension ByzantineServer {
  /// Sends what a lie makes of each message for each member.
  func send(
    _ envelopes: [Envelope<PeerMessage<PBFTMessage>>],
    bentBy misconduct: any Misconduct
  ) {
    for envelope in envelopes {
      guard case .consensus(let message) = envelope.message else { continue }
      let (member, now) = (envelope.recipient, loop.turnStart)
      for words in misconduct.words(insteadOf: message, to: member, at: now) {
        peers?.send(.consensus(words), to: [member])
      }
    }
  }

  /// Sends what was kept back until now.
  func sendLateWords() {
    for late in misconduct?.lateWords(at: loop.turnStart) ?? [] {
      peers?.send(.consensus(late.message), to: [late.recipient])
    }
  }

  /// What clients are told of what was ordered.
  func said(_ answers: [OrderedAnswer]) -> [OrderedAnswer] {
    guard let misconduct else { return answers }
    return answers.map { answer in
      var bent = answer
      bent.reply = misconduct.reply(insteadOf: answer.reply)
      return bent
    }
  }

  /// What those are told who asked this node alone.
  func said(_ replies: [AddressedReply]) -> [AddressedReply] {
    guard let misconduct else { return replies }
    return replies.map { AddressedReply(misconduct.reply(insteadOf: $0.reply), to: $0.token) }
  }

  /// Whether an envelope is taken.
  func heeds(_ envelope: SignedEnvelope) -> Bool { misconduct?.heeds(envelope) ?? true }
}
