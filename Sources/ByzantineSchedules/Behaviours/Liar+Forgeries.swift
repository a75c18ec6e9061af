import Consensus
import PBFT

/// What a liar signs with its own key.
extension Liar {
  private var signer: any Signer { genesis.signers[place] }

  mutating func vote(_ kind: Vote.Kind, _ header: BlockHeader) -> Vote {
    authority.sign(
      Vote(
        kind: kind,
        place: header.place,
        digest: authority.digest(of: header),
        replica: replica,
        counter: nextCounter(),
        signature: .unsigned
      ),
      by: signer
    )
  }

  mutating func proposal(_ block: Block) -> PrePrepare {
    PrePrepare(block: block, vote: vote(.prePrepare, block.header))
  }

  mutating func checkpoint(_ header: BlockHeader, root: UInt64) -> CheckpointVote {
    authority.sign(
      CheckpointVote(
        sequenceNumber: header.sequenceNumber,
        digest: authority.digest(of: header),
        stateRoot: Digest(bits: Bits256(root, 0, 0, 0)),
        replica: replica,
        counter: nextCounter(),
        signature: .unsigned
      ),
      by: signer
    )
  }

  mutating func viewChange(
    to view: UInt64,
    stable: StableCertificate? = nil,
    high: PreparedCertificate? = nil
  ) -> ViewChange {
    authority.sign(
      ViewChange(
        newView: View(view),
        stable: stable,
        high: high,
        replica: replica,
        counter: nextCounter(),
        signature: .unsigned
      ),
      by: signer
    )
  }

  mutating func newView(_ view: View, of changes: [ViewChange]) -> NewView {
    authority.sign(
      NewView(
        newView: view,
        viewChanges: changes,
        replica: replica,
        counter: nextCounter(),
        signature: .unsigned
      ),
      by: signer
    )
  }

  /// A block of its own view that orders other envelopes than this one, in the same place.
  func rival(of block: Block, _ number: UInt64) -> Block {
    var rival = block
    rival.body = block.header.kind == .anchor ? [] : rivalBody(number)
    rival.header.timeMicroseconds += number
    return completed(rival)
  }

  /// Another block in the same place, and one behind that.
  func fork(of block: Block) -> [Block] {
    let first = rival(of: block, 1)
    var second = rival(of: first, 2)
    second.header.place = BlockPlace(first.header.view, first.header.sequenceNumber.next)
    second.header.parent = authority.digest(of: first.header)
    second.header.lastIndex = first.header.lastIndex + Int(second.header.requestCount)
    return [first, second]
  }

  private func rivalBody(_ number: UInt64) -> [SignedEnvelope] {
    [genesis.envelope(client: 0, first: 500_000 + number, text: "rival")]
  }

  /// The block with counts and roots that fit its body, as far as its kind allows.
  func completed(_ block: Block) -> Block {
    var block = block
    let count = UInt32(block.body.reduce(0) { $0 + $1.requests.count })
    let before = block.header.lastIndex.rawValue - UInt64(block.header.requestCount)
    block.header.requestCount = count
    block.header.bodySize = UInt32(authority.size(of: block.body))
    block.header.bodyRoot = authority.bodyRoot(of: block.body)
    if block.header.kind == .normal {
      block.header.lastIndex = LogIndex(before + UInt64(count))
    }
    return block
  }
}
