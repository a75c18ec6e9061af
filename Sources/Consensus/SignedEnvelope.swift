package import Wire

/// Requests of one client under one signature: the unit in which clients speak and blocks are
/// filled.
///
/// One signature for many requests is what makes signing affordable.
package struct SignedEnvelope: Hashable, Sendable {
  /// The most requests under one signature.
  package static let requestsMax = 64
  /// The most bytes of all commands together.
  package static let sizeMax = 9 << 20

  /// Who asks, and signs.
  package var client: PublicKey
  /// What it asks, in order.
  package var requests: [ClientRequest]
  /// The client's, over the digest of both.
  package var signature: Signature

  package init(client: PublicKey, requests: [ClientRequest], signature: Signature) {
    self.client = client
    self.requests = requests
    self.signature = signature
  }

  /// Puts requests under a client's signature, for one cluster alone.
  package init(
    _ requests: [ClientRequest],
    by signer: any Signer,
    in cluster: ClusterID,
    _ digester: any Digester
  ) {
    self.init(client: signer.publicKey, requests: requests, signature: .unsigned)
    signature = signer.sign(signedBytes(in: cluster, digester))
  }

  /// What the client signs the digest of: everything but the signature.
  package var content: [UInt8] {
    var writer = ByteWriter(capacity: 256)
    encodeContent(into: &writer)
    return writer.finish()
  }

  /// What the client signs: the digest of the content, for this use and cluster alone.
  package func signedBytes(in cluster: ClusterID, _ digester: any Digester) -> [UInt8] {
    let digest = digester.digest(of: content, domain: .envelope)
    return SigningDomain.envelope.signedBytes(in: cluster) { $0.write(digest) }
  }

  private func encodeContent(into writer: inout ByteWriter) {
    writer.write(client)
    writer.writeList(requests)
  }
}

extension SignedEnvelope: WireCodable {
  /// Writes client, requests and signature.
  package func encode(into writer: inout ByteWriter) {
    encodeContent(into: &writer)
    writer.write(signature)
  }

  /// Reads an envelope of 1 to 64 requests.
  package init(from reader: inout ByteReader) throws(WireError) {
    let start = reader.offset
    client = try reader.read()
    requests = try reader.readList(max: Self.requestsMax)
    let size = reader.offset - start
    guard !requests.isEmpty else { throw .badValue("envelope", offset: start) }
    guard size <= Self.sizeMax else {
      throw .tooLarge("envelope", size: size, limit: Self.sizeMax, offset: start)
    }
    signature = try reader.read()
  }
}

/// Names a request for ever: the client and its own number for it.
package struct SignedKey: Hashable, Sendable {
  /// Who asks.
  package let client: PublicKey
  /// The request's kind, session and sequence.
  package let key: RequestKey
}

extension SignedEnvelope {
  /// The names of its requests.
  package var keys: [SignedKey] { requests.map { SignedKey(client: client, key: $0.key) } }
}
