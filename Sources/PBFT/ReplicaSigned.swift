package import Consensus
package import Wire

/// What a replica's or client's signature is for; part of every signed byte string, so that
/// nothing signed as one thing means anything as another.
package enum SigningDomain: UInt8, Sendable {
  /// A client's envelope.
  case envelope = 1
  /// A primary's proposal, which is its prepare.
  case prePrepare = 2
  /// A backup's prepare.
  case prepare = 3
  /// A commit.
  case commit = 4
  /// A checkpoint.
  case checkpoint = 5
  /// A view change.
  case viewChange = 6
  /// A new view.
  case newView = 7
}

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

extension Signature {
  /// Where a signature is about to be put.
  static let none = Signature(first: .zero, second: .zero)
}
