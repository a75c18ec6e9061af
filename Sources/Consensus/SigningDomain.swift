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
  /// A replica's word for what became of a request.
  case receipt = 8

  /// The bytes that a signature is over: use, mode and version, domain, cluster, content.
  package func signedBytes(
    in cluster: ClusterID,
    _ content: (inout ByteWriter) -> Void
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.writeRaw(Self.use)
    writer.write(rawValue)
    writer.write(cluster)
    content(&writer)
    return writer.finish()
  }

  private static let use = Array("lockstep pbft 1".utf8)
}
