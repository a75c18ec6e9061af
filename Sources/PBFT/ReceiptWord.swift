package import Consensus
package import Wire

/// One replica's signed word for what became of a request: f+1 alike are a receipt.
///
/// It has no counter and is not in the journal: what a replica executes is committed, so that it
/// says the same again after any crash. Through the block's digest it also pins the whole history
/// up to the request.
package struct ReceiptWord: Hashable, Sendable {
  /// What replicas have to say alike.
  package struct Fact: Hashable, Sendable {
    /// The place of the block that ordered the request.
    package var sequenceNumber: SequenceNumber
    /// That block.
    package var digest: Digest
    /// The request's place in the log.
    package var index: LogIndex
    /// Who asked.
    package var client: PublicKey
    /// What was asked, as `Authority.digest(of:)` names it.
    package var request: Digest
    /// What was answered.
    package var result: Digest

    /// A fact.
    package init(
      block: (sequenceNumber: SequenceNumber, digest: Digest),
      index: LogIndex,
      client: PublicKey,
      request: Digest,
      result: Digest
    ) {
      sequenceNumber = block.sequenceNumber
      digest = block.digest
      self.index = index
      self.client = client
      self.request = request
      self.result = result
    }
  }

  /// What is said.
  package var fact: Fact
  /// Who says it.
  package var replica: ReplicaNumber
  /// The replica's signature.
  package var signature: Signature

  /// A word.
  package init(_ fact: Fact, by replica: ReplicaNumber, signature: Signature) {
    self.fact = fact
    self.replica = replica
    self.signature = signature
  }
}

extension ReceiptWord.Fact: WireCodable {
  /// Writes block, index, client, request and result.
  package func encode(into writer: inout ByteWriter) {
    writer.write(sequenceNumber)
    writer.write(digest)
    writer.write(index)
    writer.write(client)
    writer.write(request)
    writer.write(result)
  }

  /// Reads a fact.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      block: (try reader.read(), try reader.read()),
      index: LogIndex(try reader.readNumber("log index")),
      client: try reader.read(),
      request: try reader.read(),
      result: try reader.read()
    )
  }
}

extension ReceiptWord: WireCodable {
  /// Writes fact, replica and signature.
  package func encode(into writer: inout ByteWriter) {
    encodeContent(into: &writer)
    writer.write(signature)
  }

  /// Reads a word; whether its replica has said it is `Authority`'s question.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(try reader.read(), by: try reader.read(), signature: try reader.read())
  }

  fileprivate func encodeContent(into writer: inout ByteWriter) {
    writer.write(fact)
    writer.write(replica)
  }
}

extension Authority {
  /// A replica's word for a fact.
  package func word(
    for fact: ReceiptWord.Fact,
    of replica: ReplicaNumber,
    by signer: any Signer
  ) -> ReceiptWord {
    var word = ReceiptWord(fact, by: replica, signature: .unsigned)
    word.signature = signer.sign(signedBytes(of: word))
    return word
  }

  /// Whether the replica that a word names has given it.
  package func isValid(_ word: ReceiptWord) -> Bool {
    guard word.replica.place < replicas.count else { return false }
    return verifier.isValid(
      word.signature,
      of: signedBytes(of: word),
      by: replicas[word.replica.place]
    )
  }

  /// The digest by which receipts name a request: all of it but what its client had seen by then,
  /// which differs between tries.
  package func digest(of request: ClientRequest) -> Digest {
    var writer = ByteWriter(capacity: 64)
    writer.write(request.key)
    writer.writeBlob(request.command)
    return digester.digest(of: writer.finish(), domain: .request)
  }

  private func signedBytes(of word: ReceiptWord) -> [UInt8] {
    signedBytes(of: { word.encodeContent(into: &$0) }, domain: .receipt)
  }
}
