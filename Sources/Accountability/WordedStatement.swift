import Consensus
import PBFT
import Wire

/// A signed value that can be put into words.
protocol WordedStatement: WireCodable {
  /// What it says, on one line.
  var words: String { get }
}

extension Vote: WordedStatement {
  var words: String {
    "\(kind.words) of block \(digest) at \(place.words), \(signer(replica, counter))"
  }
}

extension Vote.Kind {
  var words: String {
    switch self {
    case .prePrepare: "proposal"
    case .prepare: "prepare"
    case .commit: "commit"
    }
  }
}

extension CheckpointVote: WordedStatement {
  var words: String {
    "state \(stateRoot) after block \(digest) at place \(sequenceNumber.rawValue), "
      + signer(replica, counter)
  }
}

extension ViewChange: WordedStatement {
  var words: String {
    let stable = stable.map { "stable place \($0.header.sequenceNumber.rawValue)" }
    let high = high.map { "highest certificate at \($0.header.place.words)" }
    return "view change to \(newView.rawValue), \(stable ?? "nothing stable"), "
      + "\(high ?? "no certificate"), \(signer(replica, counter))"
  }
}

extension NewView: WordedStatement {
  var words: String {
    let shown = viewChanges.map { "\($0.replica.rawValue)" }.joined(separator: ", ")
    return "new view \(newView.rawValue) with view changes of replicas \(shown), "
      + signer(replica, counter)
  }
}

extension Statement: WordedStatement {
  var words: String {
    switch self {
    case .vote(let vote): vote.words
    case .checkpoint(let vote): vote.words
    case .viewChange(let viewChange): viewChange.words
    case .newView(let newView): newView.words
    }
  }
}

extension PrePrepare: WordedStatement {
  var words: String {
    "\(vote.words): \(block.body.count) envelopes, "
      + "\(block.header.requestCount) requests by its header"
  }
}

extension SignedEnvelope: WordedStatement {
  var words: String {
    let session = requests.first?.session ?? 0
    let sequences = requests.map { "\($0.sequence)" }.joined(separator: ", ")
    return "envelope of client \(client): session \(session), sequences \(sequences)"
  }
}

extension ReceiptWord: WordedStatement {
  var words: String {
    "receipt for log index \(fact.index.rawValue) in block \(fact.digest) at place "
      + "\(fact.sequenceNumber.rawValue): client \(fact.client), request \(fact.request), "
      + "result \(fact.result), by replica \(replica.rawValue)"
  }
}

extension BlockPlace {
  var words: String { "view \(view.rawValue) place \(sequenceNumber.rawValue)" }
}

private func signer(_ replica: ReplicaNumber, _ counter: UInt64) -> String {
  "by replica \(replica.rawValue), counter \(counter)"
}
