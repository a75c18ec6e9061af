import Consensus
import Raft
import Replication
import Storage
import Wire

/// A machine: a disk and a clock that outlive the processes it runs.
struct SimulatedNode {
  /// How all nodes of a run are set up.
  struct Setup {
    let cluster: ClusterID
    let configuration: ClusterConfiguration
    /// How many nodes there are, those included that wait to be added.
    var nodeCount: Int
    let journal: JournalOptions
    var raft: RaftOptions
    /// The log's growth after which a snapshot is due, and how large the parts of its file are.
    let snapshots: (logSizeMin: Int, pieceSizeAim: Int)
    let pendingMax: Int
    let tickMicroseconds: UInt64

    /// Whether others judge what a node shows of itself.
    var hasOthers: Bool { configuration.seats.count > 1 }
  }

  /// Why a start came to nothing.
  enum StartFailure: Error {
    /// The power failed meanwhile.
    case powerCut
    /// A call to the disk failed, as the disk's troubles say.
    case diskFailed(FaultKind)
    /// The node refuses to start: its files are damaged.
    case refused(String)
    /// The journal gave out what the replica cannot use.
    case misread(String)
  }

  /// What a start gives.
  struct Start {
    let process: NodeProcess
    let records: [Recovered<RaftRecord>]
    /// The positions whose records are lost.
    let holes: [ClosedRange<UInt64>]
    /// Whether the count of the directory's openings had been lost.
    let isBootLost: Bool
    /// Whether the newest term and vote are among them.
    let isTermLost: Bool
    /// What the state at the start includes; zero without a snapshot.
    let snapshotIndex: LogIndex
    let report: RecoveryReport
    let hadSpare: Bool
  }

  /// A moment in the middle of a turn.
  enum KillMoment {
    /// So many messages have left.
    case afterMessages(Int)
    /// A vote has left: the next life must know of it.
    case afterVote
  }

  /// Who it is: another one after it was refused and has come back.
  var member: Member
  var disk: SimulatedDisk
  var clock: SimulatedClock
  private(set) var process: NodeProcess?
  var isPaused = false
  /// Whether something was due while the node was paused.
  var isTurnMissed = false
  /// A journal completion that was due while the node was paused.
  var isCompletionMissed = false
  /// The fault that stopped the node, for counting.
  var pausedBy: Int?
  /// What a sync takes at least, while the disk is slow or hangs, and the fault that says so.
  var slowness: (minMicroseconds: UInt64, fault: Int)?
  /// How many times longer than usual a turn takes, and the fault that says so.
  var sluggishness: (factor: UInt64, fault: Int)?
  /// How late the timer fires at most, and the fault that says so.
  var timerLateness: (maxMicroseconds: UInt64, fault: Int)?
  /// The fault by which the clock runs at another rate.
  var clockFault: Int?
  /// Whether the wall clock has jumped and nobody has looked at it since.
  var hasJumped = false
  /// The fault by which the disk has no space left.
  var fullBy: Int?
  /// Since when the node takes in nothing from its peers, and the fault that says so.
  var deafness: (since: UInt64, fault: Int)?
  /// When the journal has done what it does now.
  var journalBusyUntil: UInt64 = 0
  /// What its peers have sent meanwhile.
  var unread: [PeerFrame] = []
  /// Until when the process is killed soon after each start.
  var stormsUntil: UInt64 = 0
  /// Whether something on the disk has ever rotted.
  var isRotten = false
  /// What its disk has lost since it was last as it should be.
  var loss: DiskLoss?
  /// Whether its folder is being made anew for another member.
  var isReturning = false
  /// A copy of its folder that may be put back.
  var copy: DiskCopy?
  /// The newest boot number that its folder had before the last loss: lives are told apart.
  var bootsLost: UInt64 = 0
  /// The number of the newest life, over all losses.
  var lastBoot: UInt64 = 0
  /// Whether its folder has lost that number once: a second time it would be refused.
  var hasLostBoot = false
  /// Whether something of its journal has rotted, about which it may have to ask everybody who ever
  /// was a member.
  var mayHaveHoles = false
  /// Whether a snapshot of it has rotted, which only a leader can send it again.
  var mayLackSnapshot = false
  /// Whether the newest records may have rotted, which only the others can tell.
  var mayLackEnd = false
  /// Whether what says whose the disk is has rotted, so that a process may refuse to start.
  var mayRefuse = false
  /// Whether it was ever admitted: until all were, nobody may be lost for good.
  var wasAdmitted = false
  /// Whether it was at its last start: else it is refused if it loses the number of that start.
  var wasLifeAdmitted = false
  /// Whether the node refuses to start for good.
  var isOut = false
  /// Whether the process stands still before its next answer to a read.
  var pausesAfterRead = false
  /// When the process is killed in the middle of a turn.
  var killMoment: KillMoment?
  /// At which disk call of its next life the power fails.
  var recoversUntilCall: Int?
  /// What is wrong with the next, or the present, process's memory.
  var lie: PlantedLie?
  /// Whether a snapshot is due as soon as the lie has begun, before anybody can contradict it.
  var freezesLie = false
  /// What ends the process when its journal has next written a batch and not synced it.
  var endsInBatch: FaultKind?
  /// The record of an install: the power fails once it is durable.
  var endsAtPosition: UInt64?
  /// Until when a received snapshot is read, and no step is taken.
  var installHeldUntil: UInt64 = 0
  /// What ends the process while its keeper writes a snapshot.
  var endsInSnapshot: FaultKind?
  /// What the build of its process understands; nil where all nodes are of this one.
  var build: FeatureLevel?
  /// Whether it was ever started with an earlier build than before.
  var hasGoneBack = false
  private var random: RandomSource

  init(member: Member, startMicroseconds: UInt64, random: RandomSource) {
    var random = random
    self.member = member
    disk = SimulatedDisk(random: random.fork())
    clock = SimulatedClock(startMicroseconds: startMicroseconds)
    self.random = random
  }

  /// Starts a process on what the disk holds, as `server start` does.
  mutating func start(_ setup: Setup, at time: UInt64) throws(StartFailure) -> Start {
    wasLifeAdmitted = false
    if let call = recoversUntilCall { disk.cutPower(afterCalls: call) }
    recoversUntilCall = nil
    let hadSpare = disk.fileNames.contains { $0.hasPrefix("journal-spare-") }
    do {
      if isReturning, try !isRemade(setup) { try remakeFolder(setup) }
      isReturning = false
      let directory = try open(setup)
      var keeper = try openSnapshots(setup)
      let restored = try keeper.loadNewest()
      let recovered = try directory.openJournal(
        options: setup.journal,
        neededFrom: restored == nil ? 1 : .max,
        toleratingDamage: true
      )
      let start = replicaStart(setup, at: time, boot: directory.bootNumber, from: recovered)
      let replica = try Replica(
        start: start,
        machine: ObservedStore(cursorSeed: random.next(), lie: lie, build: build),
        restored: restored,
        recovered: recovered.recordsWithVital
      )
      let started = NodeProcess(
        directory: (directory, bootsLost),
        journal: recovered.journal,
        keeper: keeper,
        replica: replica,
        options: setup.raft
      )
      if let build { started.levels = PeerLevels(own: build) }
      started.isDamageToBeForgotten = recovered.refusal != nil
      process = started
      lastBoot = started.boot
      return Start(
        process: started,
        records: try recovered.recordsWithVital.map { found throws(WireError) in
          Recovered(position: found.position, record: try RaftRecord(decoding: found.payload))
        },
        holes: start.holes,
        isBootLost: directory.bootLost != nil,
        isTermLost: !start.isVoteCertain,
        snapshotIndex: replica.snapshotIndex,
        report: recovered.report,
        hadSpare: hadSpare
      )
    } catch {
      if disk.isCut { throw .powerCut }
      if let fault = disk.takeFailure() { throw .diskFailed(fault) }
      // What goes on behind a damaged segment is a new one, and needs room; so does a new folder.
      if isRotten || isReturning, disk.takeSpaceMissed() { throw .diskFailed(.fullDisk) }
      // Whatever is wrong with a record, the journal has to find it first.
      if let error = error as? ReplicaError, !error.isAboutFiles { throw .misread("\(error)") }
      throw .refused("\(error)")
    }
  }

  private mutating func replicaStart(
    _ setup: Setup,
    at time: UInt64,
    boot: UInt64,
    from recovered: RecoveredJournal
  ) -> ReplicaStart<ObservedCore> {
    var start = ReplicaStart<ObservedCore>(
      identity: Identity(cluster: setup.cluster, member: member, boot: boot),
      coreOptions: setup.raft,
      seed: random.next(),
      now: clock.reading(at: time),
      journalRoomBytes: recovered.journal.room.beyondSpare
    )
    start.options.journalReserveBytes = setup.journal.segmentSizeBytes / 8
    start.options.pendingMax = setup.pendingMax
    start.options.snapshotLogSizeMin = setup.snapshots.logSizeMin
    start.holes = recovered.damage.map { $0.first...$0.last }
    start.isVoteCertain = recovered.isVitalCertain
    start.firstRecord = keptRecord(setup)
    return start
  }

  /// Why a process would not start now; nil if it would.
  mutating func tryStart(_ setup: Setup, at time: UInt64) -> StartFailure? {
    do throws(StartFailure) {
      _ = try start(setup, at: time)
      return nil
    } catch {
      disk.processDied()
      return error
    }
  }

  private func openSnapshots(
    _ setup: Setup
  ) throws(StorageError) -> SnapshotKeeper<ObservedStore> {
    SnapshotKeeper(
      try SnapshotStore.open(on: disk, cluster: setup.cluster.encoded()),
      pieceSizeAim: setup.snapshots.pieceSizeAim
    )
  }

  /// The process is gone, and with it everything in memory.
  mutating func stop() {
    process = nil
    isPaused = false
    isTurnMissed = false
    isCompletionMissed = false
    killMoment = nil
    pausesAfterRead = false
    endsInBatch = nil
    endsInSnapshot = nil
    endsAtPosition = nil
    installHeldUntil = 0
    deafness = nil
    journalBusyUntil = 0
    unread.removeAll()
    lie = nil
    freezesLie = false
    disk.processDied()
  }

  /// What would go wrong some time does not.
  mutating func recover() {
    killMoment = nil
    pausesAfterRead = false
    endsInBatch = nil
    endsInSnapshot = nil
    endsAtPosition = nil
    installHeldUntil = 0
    recoversUntilCall = nil
    stormsUntil = 0
    disk.heal()
  }

  /// How long the next sync takes.
  mutating func syncMicroseconds() -> UInt64 {
    let usual = random.number(in: 60..<400) + (random.oneIn(200) ? 5_000 : 0)
    return max(usual, slowness?.minMicroseconds ?? 0)
  }
}
