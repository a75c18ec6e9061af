package import Consensus
package import Documents
package import PBFT
import Replication
package import Storage
import Wire

/// Everything that a node's data directory claims, checked against the keys of its cluster alone.
///
/// Nothing in the directory is changed, and nothing that is unsigned in it is believed: a snapshot
/// counts from the first vouched root on that its state leads to.
package struct DirectoryAudit: Sendable {
  /// What was looked at, signature by signature.
  package private(set) var chainAudit: ChainAudit
  /// The committed blocks that the directory holds, ascending.
  package private(set) var chain: [Block] = []
  /// Where the state came from that the chain was applied to; nil if from nothing.
  package private(set) var snapshotIndex: LogIndex?
  /// The roots that were compared.
  package private(set) var checks: [ReplayAudit<DocumentStore>.Check] = []
  /// The newest entry that was applied anew.
  package private(set) var appliedThrough = LogIndex.zero
  /// Why nothing was applied; nil if it was.
  package private(set) var obstacle: String?

  /// Reads a directory, on a disk that may be read only, and judges it.
  package init(
    of disk: any Disk,
    configuration: ClusterConfiguration,
    authority: Authority
  ) throws(StorageError) {
    chainAudit = ChainAudit(by: authority)
    let survey = try DirectorySurvey(of: disk)
    for problem in survey.problems { chainAudit.note("\(problem.file): \(problem.what)") }
    let identity = try Self.identity(in: survey)
    guard identity.cluster == authority.cluster else {
      throw .foreign(file: "identity", what: "it is of cluster \(identity.cluster)")
    }
    for number in survey.segments { readSegment(try survey.segment(number)) }
    chain = chainAudit.chain()
    let audited = Audited(
      identity: identity,
      configuration: configuration,
      authority: authority
    )
    try replay(for: audited, on: disk)
  }

  /// What it comes to.
  package enum Verdict: String, Sendable {
    /// Nothing is wrong, and the requests have led to a state that 2f+1 replicas vouch for.
    case sound
    /// Nothing is wrong, and nothing that is vouched for could be compared.
    case unproven
    /// Something is wrong.
    case faulty
  }

  /// What it comes to.
  package var verdict: Verdict {
    guard problems.isEmpty else { return .faulty }
    return checks.isEmpty ? .unproven : .sound
  }

  /// What is wrong, in words.
  package var problems: [String] {
    let faults = chainAudit.faults.map { fault in
      fault.position.map { "record \($0): \(fault.what)" } ?? fault.what
    }
    let states = checks.filter { $0.found != $0.vouched }.map { check in
      "the state at place \(check.place) has root \(check.found), and 2f+1 replicas vouch for "
        + "\(check.vouched)"
    }
    return faults + states
  }

  private static func identity(in survey: DirectorySurvey) throws(StorageError) -> Identity {
    guard let found = survey.identity else {
      throw .foreign(file: "identity", what: "no copy of it is whole")
    }
    var reader = ByteReader(found.payload)
    do {
      return Identity(
        cluster: try reader.read(),
        member: try reader.read(),
        boot: survey.bootNumber ?? 0
      )
    } catch {
      throw .foreign(file: "identity", what: "\(error)")
    }
  }

  private mutating func readSegment(_ segment: SegmentSurvey) {
    for damage in segment.damage {
      chainAudit.note("\(segment.fileName) offset \(damage.offset): \(damage.what)")
    }
    for found in segment.records {
      do {
        chainAudit.add(try PBFTRecord(decoding: found.payload), at: found.position)
      } catch {
        chainAudit.note("the record at position \(found.position) cannot be read: \(error)")
      }
    }
  }

  private mutating func replay(
    for audited: Audited,
    on disk: any Disk
  ) throws(StorageError) {
    guard let first = chain.first?.header.firstIndex else {
      obstacle = "no committed block is here"
      return
    }
    let files = try SnapshotStore.look(at: disk, cluster: audited.identity.cluster.encoded())
    let restored = oldestState(in: files, behind: first)
    guard restored != nil || first == BlockHeader.genesis.lastIndex.next else {
      obstacle = "no state is here from which the blocks go on at index \(first.rawValue)"
      return
    }
    snapshotIndex = restored?.mark.index
    do {
      var replay = try ReplayAudit(
        of: chain,
        vouchedFor: chainAudit.stable,
        by: audited,
        after: restored,
        emptyMachine: DocumentStore(cursorSeed: 0)
      )
      checks = replay.run()
      appliedThrough = replay.lastApplied
    } catch {
      obstacle = "\(error)"
    }
  }

  /// The oldest snapshot that the chain goes on from: so most of it is applied.
  private mutating func oldestState(
    in files: SnapshotStore,
    behind first: LogIndex
  ) -> RestoredSnapshot<DocumentStore>? {
    let keeper = SnapshotKeeper<DocumentStore>(files)
    for snapshot in files.snapshots where snapshot.index >= max(first.rawValue, 1) - 1 {
      do throws(StorageError) {
        return try keeper.load(snapshot.index)
      } catch {
        chainAudit.note("\(error)")
      }
    }
    return nil
  }
}
