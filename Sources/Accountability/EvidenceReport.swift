package import Consensus
package import PBFT
import Wire

/// What a piece of evidence says, in words: who, what, and the fields that contradict each other.
package struct EvidenceReport: Sendable {
  /// A field in which two statements differ, or by which one breaks a rule.
  package struct Difference: Equatable, Sendable {
    /// The field.
    package var field: String
    /// What the first statement says there.
    package var first: String
    /// What the second says, or what it would have to say.
    package var second: String
  }

  /// A signed message, for people and for other programs.
  package struct Message: Equatable, Sendable {
    /// What it says.
    package var words: String
    /// Its bytes.
    package var bytes: [UInt8]
  }

  /// The digest of its bytes, which is its name.
  package var id: Digest
  /// The kind, as `E1` to `E10`.
  package var code: String
  /// What is claimed.
  package var claim: String
  /// Who is proved guilty; nil if nobody is.
  package var culprit: Culprit?
  /// Why nobody is; nil if it proves somebody guilty.
  package var flaw: EvidenceFlaw?
  /// What to compare.
  package var differences: [Difference]
  /// What was signed.
  package var messages: [Message]

  /// Judges evidence and puts it into words.
  package init(on evidence: Evidence, by authority: Authority) {
    id = authority.id(of: evidence)
    code = evidence.code
    claim = evidence.claim
    differences = authority.differences(in: evidence)
    messages = evidence.messages
    do throws(EvidenceFlaw) {
      culprit = try authority.judge(evidence)
    } catch {
      flaw = error
    }
  }
}

extension Evidence {
  /// What whoever it names is said to have done.
  package var claim: String {
    switch self {
    case .conflictingVotes(let vote, _):
      switch vote.kind {
      case .prePrepare: "it proposed two blocks for one place"
      case .prepare: "it prepared two blocks at one place"
      case .commit: "it committed two blocks at one place"
      }
    case .conflictingCheckpoints:
      "it vouched for two states after one block: it lies, or its state is corrupted"
    case .sharedCounter: "it signed two statements under one counter"
    case .hiddenLock: "its view change hides a block that it had committed before"
    case .voteAfterViewChange: "it voted in a view that it had left before"
    case .badNewView: "it began a view with a message that does not hold"
    case .conflictingNewViews: "it began one view in two ways"
    case .badProposal: "it proposed a block that is none"
    case .conflictingRequests: "it signed two commands under one session and sequence"
    case .conflictingReceipts:
      "its receipt contradicts others of the same place: it lies, or its state is corrupted"
    }
  }

  /// The signed messages in it.
  fileprivate var messages: [EvidenceReport.Message] {
    switch self {
    case .conflictingVotes(let first, let second): [.init(first), .init(second)]
    case .conflictingCheckpoints(let first, let second): [.init(first), .init(second)]
    case .sharedCounter(let first, let second): [.init(first), .init(second)]
    case .hiddenLock(let commit, let viewChange): [.init(commit), .init(viewChange)]
    case .voteAfterViewChange(let viewChange, let vote): [.init(viewChange), .init(vote)]
    case .badNewView(let newView): [.init(newView)]
    case .conflictingNewViews(let first, let second): [.init(first), .init(second)]
    case .badProposal(let proposal): [.init(proposal)]
    case .conflictingRequests(let first, let second): [.init(first), .init(second)]
    case .conflictingReceipts(let word, let others): [.init(word)] + others.map { .init($0) }
    }
  }
}

extension EvidenceReport.Message {
  fileprivate init(_ value: some WordedStatement) {
    self.init(words: value.words, bytes: value.encoded(expectedSize: 256))
  }
}

extension Authority {
  /// The digest that names a piece of evidence.
  package func id(of evidence: Evidence) -> Digest {
    digester.digest(of: evidence.encoded(expectedSize: 1_024), domain: .evidence)
  }
}
