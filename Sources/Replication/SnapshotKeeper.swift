package import Consensus
package import Storage
import Wire

/// Keeps a node's snapshots: writes and reads them, sends parts of them and receives others'.
///
/// Passive, as the journal: a server's thread, or the simulator, calls `step` as long as there is
/// work, and each step is a small portion. Parts for other members come first, so that a long
/// snapshot of this node's own does not keep them waiting.
package struct SnapshotKeeper<Machine: StateMachine>: Sendable {
  /// The state that is being written.
  struct Writing: Sendable {
    let mark: SnapshotMark
    /// Whether the state is to go on from it.
    let isForeign: Bool
    var image: ReplicaImage<Machine>
    var writer: SnapshotWriter
    /// Whether the older snapshot may make room for this one.
    let maySpareOlder: Bool
    /// Whether it keeps what it has taken where it finds no more.
    let mayHoldRoom: Bool
    /// The piece that is to be written, where there was no room for it.
    var piece: [UInt8]?
    /// Whether all pieces are written.
    var isWhole = false
  }

  /// The snapshot that is being received.
  enum Receiving: Sendable {
    /// Part by part.
    case parts(SnapshotReceiver)
    /// All parts are there: made durable and read back.
    case finishing(SnapshotReceiver)
    /// Read into a state.
    case loading(Loading)
  }

  /// A snapshot that is being read.
  struct Loading: Sendable {
    var reader: SnapshotReader
    var builder = ReplicaBuilder<Machine>()
  }

  /// About so much state is written in one step, and sent in one part.
  let pieceSizeAim: Int
  /// The files.
  package internal(set) var store: SnapshotStore
  var jobs: [SnapshotJob] = []
  var waiting: FrozenState<Machine>?
  /// A state of others' parts that is to be written.
  var waitingForeign: FrozenState<Machine>?
  var writing: Writing?
  /// One that found no room: the next begins in what it has taken, before the journal has that.
  var held: SnapshotWriter?
  var receiving: Receiving?
  /// The file that parts were last sent from.
  var sending: SnapshotReader?
  /// Whether the older snapshot may go for want of room.
  var wantsRoom = false
  /// Whether damaged ones go for want of room, although no sound one may be left.
  var dropsDamaged = false
  /// The newest snapshot, read through before the older one goes.
  var proving: SnapshotReader?
  private var discarded: [any Sendable] = []
  private var isPruneDue = true

  /// Keeps the snapshots of a store.
  package init(_ store: SnapshotStore, pieceSizeAim: Int = 256 << 10) {
    self.store = store
    self.pieceSizeAim = pieceSizeAim
  }

  /// Whether a step would do something.
  package var hasWork: Bool {
    !jobs.isEmpty || isPruneDue || waiting != nil || waitingForeign != nil || writing != nil
      || !discarded.isEmpty || isInstalling || wantsRoom || dropsDamaged
      || proving != nil
  }

  /// Whether a snapshot of this node is being written.
  package var isWriting: Bool { writing != nil }

  /// Whether another node's snapshot is being received or installed.
  package var isReceiving: Bool { receiving != nil }

  /// Whether a whole snapshot of another node is being made durable or read.
  package var isInstalling: Bool {
    switch receiving {
    case .finishing, .loading: true
    case .parts, nil: false
    }
  }

  /// Takes an order; nothing is done yet.
  package mutating func take(_ order: SnapshotOrder<Machine>) {
    switch order {
    case .write(let state): waiting = state
    case .install(let state): waitingForeign = state
    case .job(let job): jobs.append(job)
    case .makeRoom: wantsRoom = true
    case .discard(let image): discarded.append(image)
    case .discardParts(let parts): discarded += parts
    }
  }

  /// Does one small portion of the work.
  ///
  /// - Throws: Only fatal errors: nobody knows what the disk holds then.
  package mutating func step() throws(StorageError) -> [SnapshotNotice<Machine>] {
    if dropsDamaged { return try dropDamaged() }
    if !jobs.isEmpty { return try carryOut(jobs.removeFirst()) }
    if isInstalling { return try goOnInstalling() }
    if wantsRoom || proving != nil { return try makeRoom() }
    if writing != nil || waiting != nil || waitingForeign != nil { return try goOnWriting() }
    if isPruneDue {
      isPruneDue = try store.prune()
      closeIfGone()
      return []
    }
    discarded.removeAll()
    return []
  }

  /// Reads the newest snapshot that is whole; those that are not are given up.
  package mutating func loadNewest() throws(StorageError) -> RestoredSnapshot<Machine>? {
    while let newest = store.newest {
      do throws(StorageError) {
        return try load(newest.index)
      } catch {
        guard !error.isFatal else { throw error }
        store.giveUp(newest.index, because: error)
      }
    }
    return nil
  }

  /// Uses a snapshot no more in which somebody has found damage; nil if it is not used anyway.
  package mutating func giveUp(
    _ index: UInt64,
    because error: StorageError
  ) -> SnapshotNotice<Machine>? {
    guard store.snapshots.contains(where: { $0.index == index }) else { return nil }
    return giveUpDamaged(index, because: error)[0]
  }

  /// The same for one in which reading has just found damage.
  mutating func giveUpDamaged(
    _ index: UInt64,
    because error: StorageError
  ) -> [SnapshotNotice<Machine>] {
    store.giveUp(index, because: error)
    isPruneDue = true
    closeIfGone()
    return [.damaged(error)]
  }

  /// Reads one snapshot.
  package func load(_ index: UInt64) throws(StorageError) -> RestoredSnapshot<Machine> {
    var loading = Loading(reader: try store.reader(of: index))
    while true {
      if let restored = try loading.step() { return restored }
    }
  }

  /// A finished snapshot counts; older ones may have to go.
  mutating func add(_ file: SnapshotFile) {
    store.add(file)
    // Its place may have been a damaged one's, or its own: parts are sent from the new file.
    if sending?.file.index == file.index { sending = nil }
    isPruneDue = true
  }

  /// A file that is removed must not take up space for being open.
  mutating func closeIfGone() {
    if let sending, !isKept(sending) { self.sending = nil }
    if let proving, !isKept(proving) { self.proving = nil }
  }

  private func isKept(_ reader: SnapshotReader) -> Bool {
    store.snapshots.contains { $0.index == reader.file.index }
  }
}

extension SnapshotKeeper.Loading {
  /// Reads one piece.
  ///
  /// - Returns: The state, after the last one.
  mutating func step() throws(StorageError) -> RestoredSnapshot<Machine>? {
    let piece = try reader.next()
    do {
      if let piece {
        try builder.take(Bytes(piece))
        return nil
      }
      let mark = try SnapshotMark(decoding: reader.file.head)
      let state = try builder.finish()
      guard mark.index.rawValue == reader.file.index, state.lastApplied == mark.index else {
        throw WireError.badValue("snapshot's index", offset: 0)
      }
      return RestoredSnapshot(mark: mark, state: state, size: reader.file.size)
    } catch {
      // Every byte is as it was written, and means nothing: another version's, or our own fault.
      throw .snapshotDamaged(
        file: reader.file.name,
        offset: reader.offset,
        what: "its content cannot be read: \(error)"
      )
    }
  }
}
