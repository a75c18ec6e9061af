package import Consensus
package import Wire

/// What a client keeps to show anybody later: its request, the answer, and f+1 replicas' words that
/// this is what became of it.
///
/// It stands alone: no cluster is needed to check it, and no replica can take it back.
package struct Receipt: Hashable, Sendable {
  private static let formatVersion: UInt8 = 1
  private static let resultSizeMax = 9 << 20

  /// What was asked.
  package var request: ClientRequest
  /// What was answered.
  package var result: [UInt8]
  /// Words of different replicas, ascending.
  package var words: [ReceiptWord]

  /// A receipt; whether it proves anything is `Authority`'s question.
  package init(request: ClientRequest, result: [UInt8], words: [ReceiptWord]) {
    self.request = request
    self.result = result
    self.words = words
  }
}

extension Receipt: WireCodable {
  /// Writes version, request, result and words.
  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.formatVersion)
    writer.write(request)
    writer.writeBlob(result)
    writer.writeList(words)
  }

  /// Reads a receipt.
  package init(from reader: inout ByteReader) throws(WireError) {
    let version = try reader.read(UInt8.self)
    guard version == Self.formatVersion else {
      throw .unsupportedVersion(UInt16(version), what: "receipt")
    }
    self.init(
      request: try reader.read(),
      result: try reader.readBlob(max: Self.resultSizeMax),
      words: try reader.readList(max: ReplicaNumber.countMax)
    )
  }
}

/// Why a receipt proves nothing.
package enum ReceiptFlaw: Equatable, Sendable {
  /// There are not exactly f+1 words of different replicas, ascending.
  case notEnough(Int)
  /// The words differ.
  case wordsDiffer
  /// A word is not the replica's whose name it bears.
  case notSigned(ReplicaNumber)
  /// The words are of another request.
  case otherRequest
  /// The words are of another answer.
  case otherResult
  /// The client is none of the cluster's.
  case stranger
}

extension Authority {
  /// Why a receipt proves nothing; nil if f+1 replicas, one of them honest, stand by it.
  package func flaw(in receipt: Receipt) -> ReceiptFlaw? {
    if let flaw = flaw(in: receipt.words) { return flaw }
    let fact = receipt.words[0].fact
    guard clients.contains(fact.client) else { return .stranger }
    guard fact.request == digest(of: receipt.request) else { return .otherRequest }
    let result = digester.digest(of: receipt.result, domain: .result)
    return fact.result == result ? nil : .otherResult
  }

  /// Why words do not speak for an honest replica.
  func flaw(in words: [ReceiptWord]) -> ReceiptFlaw? {
    let isAscending = zip(words, words.dropFirst()).allSatisfy { $0.replica < $1.replica }
    guard words.count == faultsMax + 1, isAscending else { return .notEnough(words.count) }
    guard words.allSatisfy({ $0.fact == words[0].fact }) else { return .wordsDiffer }
    return words.first { !isValid($0) }.map { .notSigned($0.replica) }
  }
}
