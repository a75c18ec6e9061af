import Consensus
import Documents
import PBFT
import Replication
import Simulation
import Storage
import Wire

/// A machine: a disk and a clock that outlive the processes it runs.
final class ByzantineNode {
  let number: Int
  let options: PBFTOptions
  let drive: SimulatedDrive
  /// The process, while one runs.
  private(set) var life: ByzantineLife?
  /// The statements that the journal's durable records hold, or held until they were forgotten.
  private(set) var durable: Set<Statement> = []
  /// By how much its wall clock is wrong.
  var wallErrorMilliseconds: Int64 = 0
  /// What a sync takes at least.
  var syncMicrosecondsMin: UInt64 = 0
  /// Its process stands still before this time.
  var frozenUntil: UInt64 = 0
  private let startMicroseconds: UInt64
  private var boots: UInt64 = 0

  init(number: Int, options: PBFTOptions, random: RandomSource) {
    var random = random
    self.number = number
    self.options = options
    startMicroseconds = random.number(in: 0..<1_000_000_000)
    drive = SimulatedDrive(random: random)
  }

  var member: Member { options.configuration.seats[number].member }

  /// Both clocks; the cluster was born a moment ago.
  func reading(at time: UInt64) -> Reading {
    let wall = Int64(1_700_000_000_000) + Int64(time / 1_000) + wallErrorMilliseconds
    return Reading(
      monotonicMicroseconds: startMicroseconds + time,
      wallMilliseconds: UInt64(wall)
    )
  }

  /// Makes the data directory, as `server init` does.
  func makeDirectory(_ limits: ByzantineLimits) throws(StorageError) {
    try DataDirectory.create(
      on: drive.disk,
      identity: directoryIdentity,
      records: [],
      options: limits.journal
    )
  }

  /// Starts a process on what the disk holds, as `server start` does.
  ///
  /// - Returns: How many records the journal has given back, and whether the state came from a
  ///   snapshot.
  func start(at time: UInt64, _ limits: ByzantineLimits) throws -> (records: Int, LogIndex) {
    boots += 1
    let directory = try DataDirectory.open(on: drive.disk, expecting: directoryIdentity.tag)
    var keeper = SnapshotKeeper<DocumentStore>(
      try directory.openSnapshots(cluster: options.authority.cluster.encoded()),
      pieceSizeAim: limits.pieceSizeAim
    )
    let restored = try keeper.loadNewest()
    let recovered = try directory.openJournal(
      options: limits.journal,
      neededFrom: restored == nil ? 1 : .max,
      toleratingDamage: true
    )
    var start = ReplicaStart<WatchedCore>(
      identity: Identity(
        cluster: options.authority.cluster,
        member: member,
        boot: directory.bootNumber
      ),
      coreOptions: options,
      seed: boots,
      now: reading(at: time),
      journalRoomBytes: recovered.journal.room.beyondSpare
    )
    start.options.journalReserveBytes = limits.journal.segmentSizeBytes / 8
    start.options.snapshotLogSizeMin = limits.snapshotLogSizeMin
    start.options.answerSizeMax = limits.answerSizeMax
    start.holes = recovered.damage.map { $0.first...$0.last }
    let replica = try Replica(
      start: start,
      machine: DocumentStore(cursorSeed: 1),
      restored: restored,
      recovered: recovered.records
    )
    for record in recovered.records {
      try note(PBFTRecord(decoding: record.payload))
    }
    life = ByzantineLife(
      boot: boots,
      directory: directory,
      journal: recovered.journal,
      keeper: keeper,
      replica: replica
    )
    return (recovered.records.count, replica.lastApplied)
  }

  /// A record is on the disk for good.
  func note(_ record: PBFTRecord) {
    for statement in record.statements { durable.insert(statement) }
  }

  /// The process is gone, and with it everything in memory; perhaps the power, too.
  ///
  /// - Returns: Whether anything written was lost.
  func stop(losingPower losesPower: Bool) -> Bool {
    life = nil
    guard losesPower else {
      drive.processDied()
      return false
    }
    return drive.losePower()
  }

  private var directoryIdentity: DirectoryIdentity {
    var writer = ByteWriter(capacity: 32)
    writer.write(options.authority.cluster)
    writer.write(member)
    writer.writeRaw([0, 0, 0, 0])
    return DirectoryIdentity(tag: writer.bytes, payload: [])
  }
}

extension PBFTRecord {
  /// The owner's statements that a record keeps.
  var statements: [Statement] {
    switch self {
    case .accepted(let proposal, let prepare): [.vote(prepare ?? proposal.vote)]
    case .prepared(_, let commit): [.vote(commit)]
    case .viewChange(let change): [.viewChange(change)]
    case .newView(let newView): [.newView(newView)]
    case .checkpoint(let vote): [.checkpoint(vote)]
    case .adopted, .committed, .stable, .restart, .summary, .fence, .fencePassed: []
    }
  }
}
