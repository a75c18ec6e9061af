package import Consensus
package import Wire

/// A replica leaves its view: no vote of an earlier view than `newView` follows, ever.
///
/// It shows what the replica knows to be stable and the highest block that it knows to be
/// prepared, which is all that can have committed with its help.
package struct ViewChange: ReplicaSigned {
  /// Where it goes.
  package var newView: View
  /// What is stable; nil before the first checkpoint.
  package var stable: StableCertificate?
  /// The highest prepared certificate by place; nil if it has none.
  package var high: PreparedCertificate?
  /// Who leaves.
  package var replica: ReplicaNumber
  /// The replica's count of statements.
  package var counter: UInt64
  /// The replica's signature.
  package var signature: Signature

  package init(
    newView: View,
    stable: StableCertificate?,
    high: PreparedCertificate?,
    replica: ReplicaNumber,
    counter: UInt64,
    signature: Signature
  ) {
    self.newView = newView
    self.stable = stable
    self.high = high
    self.replica = replica
    self.counter = counter
    self.signature = signature
  }

  /// That of view changes.
  package var domain: SigningDomain { .viewChange }

  /// Writes new view, both certificates, replica and counter.
  package func encodeContent(into writer: inout ByteWriter) {
    writer.write(newView)
    writer.writeOptional(stable)
    writer.writeOptional(high)
    writer.write(replica)
    writer.write(counter)
  }

  /// Reads a view change; the first view has none.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    self.init(
      newView: try reader.read(),
      stable: try reader.readOptional(),
      high: try reader.readOptional(),
      replica: try reader.read(),
      counter: try reader.readNumber("counter"),
      signature: try reader.read()
    )
    guard newView > .zero else { throw .badValue("new view", offset: offset) }
  }
}
