import Consensus
import PBFT

/// What may be wrong with blocks and their times.
extension Behaviour {
  static let blocks = [
    Behaviour("blocks-reordered").sending { sending, liar in
      guard case .prePrepare(let proposal) = sending.message,
        proposal.block.header.sequenceNumber.rawValue % 2 == 1
      else { return [sending] }
      liar.hold(sending, for: 6)
      return []
    },
    Behaviour("blocks-duplicated").leavingView(false).sending { sending, liar in
      liar.hold(sending, for: 10)
      return [sending, sending]
    },
    Behaviour("block-repeats-a-request").leavingView().sending { sending, liar in
      rewrite(sending, &liar) { block, liar in
        block.body += block.body
        block = liar.completed(block)
      }
    },
    Behaviour("block-with-wrong-counts").leavingView().proving("E8").sending { sending, liar in
      rewrite(sending, &liar) { block, _ in block.header.bodySize += 1 }
    },
    Behaviour("block-of-nobody's-requests").leavingView().proving("E8").sending { sending, liar in
      rewrite(sending, &liar) { block, liar in
        guard !block.body.isEmpty else { return }
        block.body[0].signature = .unsigned
        block = liar.completed(block)
      }
    },
    // More than any honest primary puts into one; nothing forbids it.
    Behaviour("block-oversized").sending { sending, liar in
      rewrite(sending, &liar) { block, liar in
        block.body += (0..<100).map {
          liar.genesis.envelope(client: 3, first: $0 + 1, text: "filler")
        }
        block = liar.completed(block)
      }
    },
    // A block of no requests does not even pass for a message.
    Behaviour("blocks-empty-for-ever").leavingView().hearing { message in
      if case .envelope = message { return false }
      return true
    }.adding { liar in
      guard liar.leads, liar.topView == 0, liar.quantum % 4 == 0 else { return [] }
      return liar.propose([], offset: 0)
    },
    Behaviour("body-withheld-from-f").sending { sending, liar in
      guard case .prePrepare(var proposal) = sending.message,
        sending.to >= liar.genesis.count - liar.authority.faultsMax
      else { return [sending] }
      proposal.block.body = []
      return [Sending(to: sending.to, message: .prePrepare(proposal))]
    },
    Behaviour("right-digest-wrong-body").leavingView().sending { sending, liar in
      guard case .prePrepare(var proposal) = sending.message else { return [sending] }
      proposal.block.body = liar.rival(of: proposal.block, 1).body
      return [Sending(to: sending.to, message: .prePrepare(proposal))]
    },
  ]

  static let times = [
    timed("time-in-the-past", .leaves, offset: -3_600_000_000),
    timed("time-in-the-future", .leaves, offset: 3_600_000_000),
    // As far ahead as the tolerance allows.
    timed("time-drifts", .stays, offset: 4_900_000),
  ]

  private enum Fate { case leaves, stays }

  /// A primary that makes its blocks by itself, with a time of its choice.
  private static func timed(_ name: String, _ fate: Fate, offset: Int64) -> Behaviour {
    Behaviour(name).leavingView(fate == .leaves).sending { sending, _ in
      if case .prePrepare = sending.message { return [] }
      return [sending]
    }.adding { liar in
      guard liar.leads, liar.topView == 0, let next = liar.nextUnproposed() else { return [] }
      return liar.propose([next], offset: offset)
    }
  }

  /// Signs a changed proposal instead.
  static func rewrite(
    _ sending: Sending,
    _ liar: inout Liar,
    _ change: (inout Block, Liar) -> Void
  ) -> [Sending] {
    guard case .prePrepare(let proposal) = sending.message,
      proposal.block.header.kind == .normal
    else { return [sending] }
    var block = proposal.block
    change(&block, liar)
    return [Sending(to: sending.to, message: .prePrepare(liar.proposal(block)))]
  }
}

extension Liar {
  /// An envelope that no overheard block holds.
  func nextUnproposed() -> SignedEnvelope? {
    envelopes.first { envelope in !blocks.contains { $0.body.contains(envelope) } }
  }

  /// A block behind its own newest one, for all; its core knows nothing of it.
  mutating func propose(_ body: [SignedEnvelope], offset: Int64) -> [ScheduledReplica.Sending] {
    let local = 1_700_000_000_000_000 + Int64(quantum) * 10_000
    let count = body.reduce(0) { $0 + $1.requests.count }
    let header = BlockHeader(
      place: BlockPlace(ownTip.view, ownTip.sequenceNumber.next),
      parent: authority.digest(of: ownTip),
      timeMicroseconds: max(ownTip.timeMicroseconds + 1, UInt64(local + offset)),
      lastIndex: ownTip.lastIndex + count,
      requestCount: UInt32(count),
      bodySize: UInt32(authority.size(of: body)),
      bodyRoot: authority.bodyRoot(of: body),
      kind: .normal,
      newView: .zero
    )
    ownTip = header
    return toAll(.prePrepare(proposal(Block(header: header, body: body))))
  }
}
