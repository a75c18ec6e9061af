import Consensus
import PBFT

extension PBFTMessage {
  /// The message in a few words.
  var text: String {
    switch self {
    case .envelope(let envelope): "envelope of \(envelope.requests.count)"
    case .prePrepare(let proposal): "propose \(proposal.block.header.text)"
    case .vote(let vote):
      "\(vote.kind) \(vote.place.text) \(vote.digest.short) by \(vote.replica.rawValue)"
    case .checkpoint(let vote):
      "checkpoint \(vote.sequenceNumber.rawValue) root \(vote.stateRoot.short) by "
        + "\(vote.replica.rawValue)"
    case .viewChange(let change): change.text
    case .newView(let newView):
      "new view \(newView.newView.rawValue) of "
        + newView.viewChanges.map { "[\($0.text)]" }.joined()
    case .status(let status):
      "status view \(status.view.rawValue)\(status.isActive ? "" : "?") tip "
        + "\(status.tip.rawValue) prepared \(status.prepared.text) committed "
        + "\(status.committed.rawValue) stable \(status.stable.rawValue)"
    case .stable(let certificate): "stable \(certificate.header.text)"
    case .committed(let certificate): "committed \(certificate.header.text)"
    case .fetch(let digest, let place): "fetch \(digest.short) above \(place.rawValue)"
    case .blocks(let blocks): "blocks " + blocks.map(\.header.text).joined(separator: ", ")
    case .askFence(let nonce): "ask fence \(nonce)"
    case .fenceReport(let report): "fence report \(report.nonce) view \(report.view.rawValue)"
    }
  }
}

extension ViewChange {
  fileprivate var text: String {
    "leave for \(newView.rawValue) by \(replica.rawValue), lock "
      + "\(high.map { $0.header.text } ?? "none"), stable "
      + "\(stable.map { String($0.header.sequenceNumber.rawValue) } ?? "none")"
  }
}

extension BlockHeader {
  fileprivate var text: String {
    "\(place.text)\(kind == .anchor ? "a" : "") after \(parent.short) with \(requestCount)"
  }
}

extension BlockPlace {
  fileprivate var text: String { "\(view.rawValue)/\(sequenceNumber.rawValue)" }
}

extension Digest {
  fileprivate var short: String {
    String(bits.bytes.prefix(3).reduce(0) { $0 << 8 | UInt64($1) }, radix: 16)
  }
}
