package import Consensus
package import PBFT
import Replication
import StateTree

/// Applies a committed chain anew, as a replica does, and compares the state with every root that
/// 2f+1 replicas have vouched for.
package struct ReplayAudit<Machine: TabledMachine>: Sendable {
  /// A state that was vouched for, and the one that came of the requests.
  package struct Check: Equatable, Sendable {
    /// The place of the block behind which it is.
    package var place: UInt64
    /// The newest entry that it includes.
    package var index: LogIndex
    /// What 2f+1 replicas say.
    package var vouched: Digest
    /// What came of it here.
    package var found: Digest
  }

  private var replica: Replica<AuditCore, Machine>
  private let authority: Authority
  private let vouched: [LogIndex: StableCertificate]

  /// Begins behind a snapshot, or with the empty state before the first entry.
  init(
    of chain: [Block],
    vouchedFor stable: [StableCertificate],
    by audited: Audited,
    after restored: RestoredSnapshot<Machine>?,
    emptyMachine machine: Machine
  ) throws(ReplicaError) {
    authority = audited.authority
    var vouched: [LogIndex: StableCertificate] = [:]
    for certificate in stable { vouched[certificate.header.lastIndex] = certificate }
    self.vouched = vouched
    var start = ReplicaStart<AuditCore>(
      identity: audited.identity,
      coreOptions: AuditCore.Options(
        authority: audited.authority,
        configuration: audited.configuration,
        chain: chain,
        roots: Set(stable.map(\.header.sequenceNumber))
      ),
      seed: 0,
      now: Reading(monotonicMicroseconds: 0, wallMilliseconds: 0),
      journalRoomBytes: .max
    )
    start.options.snapshotLogSizeMin = .max
    replica = try Replica(start: start, machine: machine, restored: restored, recovered: [])
  }

  /// Applies everything.
  package mutating func run() -> [Check] {
    var checks: [Check] = []
    if let state = replica.stateNow, let check = check(state) { checks.append(check) }
    var isUnfinished = false
    repeat {
      isUnfinished = replica.turn().isUnfinished
      if let state = replica.takeStateRootOrder(), let check = check(state) {
        checks.append(check)
      }
    } while isUnfinished || !replica.core.isAtEnd
    return checks
  }

  /// The newest entry that was applied.
  package var lastApplied: LogIndex { replica.lastApplied }

  private func check(_ state: StateRootOrder<Machine>) -> Check? {
    guard let certificate = vouched[state.index] else { return nil }
    let tree = StateTree(
      head: state.stateHead,
      tables: state.stateTables,
      using: authority.digester
    )
    return Check(
      place: certificate.header.sequenceNumber.rawValue,
      index: state.index,
      vouched: certificate.stateRoot,
      found: tree.root
    )
  }
}

/// Whose history is audited.
package struct Audited: Sendable {
  /// Whoever wrote it.
  package let identity: Identity
  /// The members and settings of the genesis.
  package let configuration: ClusterConfiguration
  /// Who may sign what.
  package let authority: Authority

  /// A replica of the cluster of a genesis.
  package init(identity: Identity, configuration: ClusterConfiguration, authority: Authority) {
    self.identity = identity
    self.configuration = configuration
    self.authority = authority
  }
}
