import Consensus
import Storage
import Wire

// This node's own snapshots.
extension SnapshotKeeper {
  /// Writes a piece, or takes one step towards a durable snapshot.
  mutating func goOnWriting() throws(StorageError) -> [SnapshotNotice<Machine>] {
    // What is to be gone on from comes first.
    let isForeign = writing?.isForeign ?? (waitingForeign != nil)
    let index = writing?.mark.index ?? waitingForeign?.mark.index ?? .zero
    do throws(StorageError) {
      if writing == nil { writing = try begin() }
      guard var current = writing else { return [] }
      // Moved out, so that nothing is copied.
      writing = nil
      switch try current.step(pieceSizeAim) {
      case .working:
        writing = current
        return []
      case .noRoom:
        return try goOn(withoutRoom: current)
      case .finished(let finished):
        add(finished)
        guard current.isForeign else { return [.taken(current.mark, size: finished.size)] }
        receiving = .loading(Loading(reader: try store.reader(of: finished.index)))
        return []
      }
    } catch {
      // The writer has removed its file; the state is frozen anew another time.
      guard !error.isFatal else { throw error }
      return [isForeign ? .jobDone(.lost(index: index)) : .notTaken(error)]
    }
  }

  /// The older snapshot makes room, or what is written keeps its own until the next try.
  private mutating func goOn(
    withoutRoom current: Writing
  ) throws(StorageError) -> [SnapshotNotice<Machine>] {
    if mayMakeRoom(current.maySpareOlder, isForeign: current.isForeign) {
      writing = current
      return []
    }
    var writer = current.writer
    let error = StorageError.diskFull(file: writer.name)
    if current.mayHoldRoom { held = writer } else { try writer.abandon() }
    return [current.isForeign ? .jobDone(.noRoom(index: current.mark.index)) : .notTaken(error)]
  }

  /// Lets go of the room that a snapshot without room has taken.
  mutating func giveUpHeld() throws(StorageError) {
    var given = held
    held = nil
    try given?.abandon()
  }

  private mutating func begin() throws(StorageError) -> Writing? {
    let isForeign = waitingForeign != nil
    guard let state = isForeign ? waitingForeign.take() : waiting.take() else { return nil }
    try giveUpHeld()
    do throws(StorageError) {
      let writer = try store.begin(
        index: state.mark.index.rawValue,
        term: state.mark.term.rawValue,
        head: state.mark.encoded()
      )
      return Writing(state, isForeign: isForeign, writer)
    } catch {
      guard case .diskFull = error, mayMakeRoom(state.maySpareOlder, isForeign: isForeign) else {
        throw error
      }
      if isForeign { waitingForeign = state } else { waiting = state }
      return nil
    }
  }

  /// Whether damaged snapshots or the older one make room; they are on their way out then.
  ///
  /// What others gave is more than a damaged snapshot held.
  private mutating func mayMakeRoom(_ maySpareOlder: Bool, isForeign: Bool) -> Bool {
    dropsDamaged = (maySpareOlder || isForeign) && !store.damaged.isEmpty
    wantsRoom = maySpareOlder && !dropsDamaged && store.snapshots.count > 1
    return wantsRoom || dropsDamaged
  }
}

extension SnapshotKeeper.Writing {
  init(_ state: FrozenState<Machine>, isForeign: Bool, _ writer: SnapshotWriter) {
    mark = state.mark
    self.isForeign = isForeign
    image = state.image
    self.writer = writer
    maySpareOlder = state.maySpareOlder
    mayHoldRoom = state.mayHoldRoom && !isForeign
  }

  enum Progress {
    case working
    /// The disk is full; the same step can be done again.
    case noRoom
    case finished(SnapshotFile)
  }

  mutating func step(_ pieceSizeAim: Int) throws(StorageError) -> Progress {
    if isWhole {
      guard case .finished(let file) = try writer.finish() else { return .working }
      return .finished(file)
    }
    guard let next = piece ?? image.nextPiece(sizeAim: pieceSizeAim) else {
      isWhole = true
      return .working
    }
    let hadRoom = try writer.appendIfRoom(next)
    piece = hadRoom ? nil : next
    return hadRoom ? .working : .noRoom
  }
}
