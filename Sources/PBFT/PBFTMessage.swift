package import Consensus
package import Wire

/// What replicas say to each other.
package enum PBFTMessage: Hashable, Sendable {
  /// A client's requests, passed on to the primary.
  case envelope(SignedEnvelope)
  /// The primary proposes.
  case prePrepare(PrePrepare)
  /// A prepare or a commit; or a primary's vote without its block, shown by somebody who was told
  /// something else.
  case vote(Vote)
  /// A word for a state.
  case checkpoint(CheckpointVote)
  /// A view is left.
  case viewChange(ViewChange)
  /// A view begins.
  case newView(NewView)
  /// How the sender stands; it is sent what it lacks.
  case status(Status)
  /// A block is stable.
  case stable(StableCertificate)
  /// A block is committed.
  case committed(CommitCertificate)
  /// The sender lacks this block and those before it, down to a place that it holds.
  case fetch(Digest, above: SequenceNumber)
  /// Blocks that were asked for, descending; each names the next as its parent.
  case blocks([Block])
  /// What do you hold of my own statements?
  case askFence(nonce: UInt64)
  /// The answer.
  case fenceReport(FenceReport)

  /// What its sender says with a signature of its own, or passes on.
  package var statement: Statement? {
    switch self {
    case .prePrepare(let proposal): .vote(proposal.vote)
    case .vote(let vote): .vote(vote)
    case .checkpoint(let vote): .checkpoint(vote)
    case .viewChange(let change): .viewChange(change)
    case .newView(let newView): .newView(newView)
    case .envelope, .status, .stable, .committed, .fetch, .blocks, .askFence, .fenceReport: nil
    }
  }
}

extension PBFTMessage: WireCodable {
  /// The most blocks in one message.
  package static let blocksMax = 8

  /// A number for each kind, which stands first in its bytes.
  package var kind: UInt8 {
    switch self {
    case .envelope: 1
    case .prePrepare: 2
    case .vote: 3
    case .checkpoint: 4
    case .viewChange: 5
    case .newView: 6
    case .status: 7
    case .stable: 8
    case .committed: 9
    case .fetch: 10
    case .blocks: 11
    case .askFence: 12
    case .fenceReport: 13
    }
  }

  /// Writes the kind and its fields.
  package func encode(into writer: inout ByteWriter) {
    writer.write(kind)
    switch self {
    case .envelope(let envelope): writer.write(envelope)
    case .prePrepare(let proposal): writer.write(proposal)
    case .vote(let vote): writer.write(vote)
    case .checkpoint(let vote): writer.write(vote)
    case .viewChange(let viewChange): writer.write(viewChange)
    case .newView(let newView): writer.write(newView)
    case .status(let status): writer.write(status)
    case .stable(let certificate): writer.write(certificate)
    case .committed(let certificate): writer.write(certificate)
    case .fetch(let digest, let place):
      writer.write(digest)
      writer.write(place)
    case .blocks(let blocks): writer.writeList(blocks)
    case .askFence(let nonce): writer.write(nonce)
    case .fenceReport(let report): writer.write(report)
    }
  }

  /// Reads a message.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .envelope(try reader.read())
    case 2: self = .prePrepare(try reader.read())
    case 3: self = .vote(try reader.read())
    case 4: self = .checkpoint(try reader.read())
    case 5: self = .viewChange(try reader.read())
    case 6: self = .newView(try reader.read())
    case 7: self = .status(try reader.read())
    case 8: self = .stable(try reader.read())
    case 9: self = .committed(try reader.read())
    case 10: self = .fetch(try reader.read(), above: try reader.read())
    case 11: self = .blocks(try reader.readList(max: Self.blocksMax))
    case 12: self = .askFence(nonce: try reader.read())
    case 13: self = .fenceReport(try reader.read())
    default: throw .badValue("message kind", offset: offset)
    }
  }
}
