package import Wire

/// A primary's proposal: the block and the primary's vote for it.
package struct PrePrepare: Hashable, Sendable {
  /// What is proposed.
  package var block: Block
  /// The primary's vote, of kind `prePrepare`.
  package var vote: Vote

  package init(block: Block, vote: Vote) {
    self.block = block
    self.vote = vote
  }
}

extension PrePrepare: WireCodable {
  /// Writes block and vote.
  package func encode(into writer: inout ByteWriter) {
    writer.write(block)
    writer.write(vote)
  }

  /// Reads a proposal; a vote of another kind or place is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    self.init(block: try reader.read(), vote: try reader.read())
    guard vote.kind == .prePrepare, vote.place == block.header.place else {
      throw .badValue("proposal", offset: offset)
    }
  }
}
