import Consensus
import Crypto
import PBFT
import Synchronization

/// Gathers what would have to be verified: it takes every signature for good that is not known to
/// be forged, and remembers those that are not known at all.
///
/// Whoever checks a message with it does not learn whether the message holds, but what to ask.
final class ClaimCollector: Verifier {
  private let verifier: CachingVerifier
  private let claims = Mutex<[SignatureClaim]>([])

  init(beside verifier: CachingVerifier) {
    self.verifier = verifier
  }

  func isValid(_ signature: Signature, of bytes: [UInt8], by key: PublicKey) -> Bool {
    let claim = SignatureClaim(signature: signature, bytes: bytes, key: key)
    if let verdict = verifier.verdict(of: claim) { return verdict }
    claims.withLock { $0.append(claim) }
    return true
  }

  /// What was gathered since it was last asked.
  func take() -> [SignatureClaim] {
    claims.withLock { claims in
      defer { claims = [] }
      return claims
    }
  }
}

extension Authority {
  /// The same authority, by another verifier.
  func verifying(with verifier: any Verifier) -> Authority {
    Authority(
      cluster: cluster,
      replicas: replicas,
      clients: clients,
      verifier: verifier,
      digester: digester
    )
  }

  /// Whether every signature in a message is good, as far as the message says by whom.
  ///
  /// What a replica makes of the message is the core's business.
  func areSignaturesValid(in message: PBFTMessage) -> Bool {
    switch message {
    case .envelope(let envelope): isValid(envelope)
    case .prePrepare(let proposal):
      isValid(proposal.vote) && proposal.block.body.allSatisfy { isValid($0) }
    case .vote(let vote): isValid(vote)
    case .checkpoint(let vote): isValid(vote)
    case .viewChange(let change): fault(in: change, for: change.newView) == nil
    case .newView(let newView): isValid(newView) && fault(in: newView) == nil
    case .stable(let certificate): isValid(certificate)
    case .committed(let certificate): isValid(certificate)
    case .fenceReport(let report):
      (report.stable.map { isValid($0) } ?? true) && (report.newest.map { isValid($0) } ?? true)
        && (report.viewChange.map { isValid($0) } ?? true)
    case .status(let status): status.newest.map { isValid($0) } ?? true
    case .fetch, .blocks, .askFence: true
    }
  }
}
