package import Consensus
package import Wire

/// A header and the requests that it stands for.
package struct Block: Hashable, Sendable {
  /// The most envelopes in a body.
  package static let envelopesMax = 4_096

  /// What it says about itself.
  package var header: BlockHeader
  /// What it orders.
  package var body: [SignedEnvelope]

  package init(header: BlockHeader, body: [SignedEnvelope]) {
    self.header = header
    self.body = body
  }
}

extension Block: WireCodable {
  /// Writes header and body.
  package func encode(into writer: inout ByteWriter) {
    writer.write(header)
    writer.writeList(body)
  }

  /// Reads a block; whether the body is the header's is `Authority`'s question.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      header: try reader.read(),
      body: try reader.readList(max: Self.envelopesMax)
    )
  }
}
