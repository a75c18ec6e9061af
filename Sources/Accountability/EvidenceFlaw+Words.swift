package import PBFT

extension EvidenceFlaw {
  /// The reason, for people.
  package var words: String {
    switch self {
    case .twoSigners: "the two statements are of different signers"
    case .notSigned(let place): "statement \(place) is not signed by whom it names"
    case .unrelated: "the statements are not about one thing"
    case .noContradiction: "the statements do not contradict each other"
    case .newViewHolds: "the new view holds as far as it alone can tell"
    case .blockHolds: "the proposed block is sound"
    case .foreignBody: "the body is not the header's, and may be of whoever passed it on"
    case .receipts(let flaw): "the receipts against it: \(flaw.words)"
    }
  }
}

extension ReceiptFlaw {
  /// The reason, for people.
  package var words: String {
    switch self {
    case .notEnough(let count): "\(count) words are not those of f+1 different replicas, ascending"
    case .wordsDiffer: "the words differ"
    case .notSigned(let replica): "the word of replica \(replica.rawValue) is not signed by it"
    case .otherRequest: "the words are of another request"
    case .otherResult: "the words are of another answer"
    case .stranger: "the client is none of the cluster's"
    }
  }
}
