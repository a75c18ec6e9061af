package import Consensus
package import Wire

/// A statement that a replica signs, once and for ever.
///
/// Each has the replica's next `counter`: two different statements with one counter are evidence,
/// and what was said first between votes of different views can be proved.
package protocol ReplicaSigned: WireCodable, Hashable, Sendable {
  /// What the signature is for.
  var domain: SigningDomain { get }
  /// Who says it.
  var replica: ReplicaNumber { get }
  /// How many statements the replica had signed with this one.
  var counter: UInt64 { get }
  /// The replica's, over domain, cluster and content.
  var signature: Signature { get set }

  /// Writes everything but the signature.
  func encodeContent(into writer: inout ByteWriter)
}

extension ReplicaSigned {
  /// Writes content and signature.
  package func encode(into writer: inout ByteWriter) {
    encodeContent(into: &writer)
    writer.write(signature)
  }
}
