package import Consensus
import Wire

/// Puts a receipt together from what the nodes sign one by one, and notices who contradicts it.
package struct ReceiptGathering: Sendable {
  private let authority: Authority
  private let wanted: RequestKey
  /// One word of each replica, with the request and the answer that it is of.
  private var parts: [Receipt] = []

  /// A gathering without any word, for one request.
  package init(of wanted: RequestKey, by authority: Authority) {
    self.wanted = wanted
    self.authority = authority
  }

  /// Takes what a node has answered; what is not its signed word for what it shows, or is one about
  /// another request, is left out.
  package mutating func add(_ answer: [UInt8]) {
    guard let part = try? Receipt(decoding: answer), part.words.count == 1 else { return }
    let word = part.words[0]
    let isOfPart =
      word.fact.request == authority.digest(of: part.request)
      && word.fact.result == authority.digester.digest(of: part.result, domain: .result)
    guard part.request.key == wanted, isOfPart, authority.isValid(word),
      !parts.contains(where: { $0.words[0].replica == word.replica })
    else { return }
    parts.append(part)
  }

  /// A receipt that f+1 replicas stand by; nil as long as there is none.
  package var receipt: Receipt? {
    let wanted = authority.faultsMax + 1
    for part in parts {
      let equal = parts.map { $0.words[0] }.filter { $0.fact == part.words[0].fact }
      guard equal.count >= wanted else { continue }
      var receipt = part
      receipt.words = Array(equal.sorted { $0.replica < $1.replica }.prefix(wanted))
      return receipt
    }
    return nil
  }

  /// Proof against every replica whose word contradicts the receipt.
  package var convictions: [Evidence] {
    guard let receipt else { return [] }
    return parts.map { Evidence.conflictingReceipts($0.words[0], receipt.words) }
      .filter { authority.culprit(of: $0) != nil }
  }
}
