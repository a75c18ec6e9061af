import Consensus
import Storage

// Snapshots between members.
extension SnapshotKeeper {
  mutating func carryOut(_ job: SnapshotJob) throws(StorageError) -> [SnapshotNotice<Machine>] {
    switch job {
    case .read(let place, let member): try read(place, for: member)
    case .store(let part): try store(part)
    case .giveUp(let index): try giveUpParts(of: index)
    }
  }

  // MARK: Sending

  private mutating func read(
    _ place: SnapshotPlace,
    for member: Member
  ) throws(StorageError) -> [SnapshotNotice<Machine>] {
    let unreadable = SnapshotNotice<Machine>.jobDone(.unreadable(place, for: member))
    let index = place.index.rawValue
    guard store.snapshots.contains(where: { $0.index == index }),
      let offset = Int(exactly: place.offset)
    else { return [unreadable] }
    do throws(StorageError) {
      let reader =
        if let sending, sending.file.index == index { sending } else {
          try store.reader(of: index)
        }
      sending = reader
      guard let part = try reader.part(at: offset) else { return [unreadable] }
      let install = InstallPart(at: place, bytes: part.bytes, isLast: part.isLast)
      return [.jobDone(.read(install, ofSize: reader.file.size, for: member))]
    } catch {
      guard !error.isFatal else { throw error }
      sending = nil
      return giveUpDamaged(index, because: error) + [unreadable]
    }
  }

  // MARK: Receiving

  private mutating func store(
    _ part: InstallPart
  ) throws(StorageError) -> [SnapshotNotice<Machine>] {
    let index = part.place.index
    do throws(StorageError) {
      if part.place.offset == 0 { try beginReceiving(index) }
      guard case .parts(var receiver) = receiving, receiver.index == index.rawValue,
        part.place.offset == UInt64(receiver.wantedOffset)
      else { return [.jobDone(.lost(index: index))] }
      receiving = nil
      // A part that is refused has changed nothing: whoever begins anew removes the file.
      defer { if receiving == nil, !receiver.isOver { receiving = .parts(receiver) } }
      try receiver.receive(SnapshotPart(offset: receiver.wantedOffset, bytes: part.bytes))
      if receiver.isComplete { receiving = .finishing(receiver) }
      let stored = SnapshotJobResult.stored(
        part.place,
        end: UInt64(receiver.wantedOffset),
        isLast: receiver.isComplete
      )
      return [.jobDone(stored)]
    } catch {
      guard !error.isFatal else { throw error }
      return notReceived(index, because: error)
    }
  }

  /// Whoever sends it has what a damaged snapshot of this node's would hold.
  private mutating func notReceived(
    _ index: LogIndex,
    because error: StorageError
  ) -> [SnapshotNotice<Machine>] {
    guard case .diskFull = error else {
      return [.notReceived(error), .jobDone(.lost(index: index))]
    }
    dropsDamaged = !store.damaged.isEmpty
    return [.notReceived(error), .jobDone(.noRoom(index: index))]
  }

  private mutating func beginReceiving(_ index: LogIndex) throws(StorageError) {
    try giveUpReceiving()
    try giveUpHeld()
    receiving = .parts(try store.receive(index: index.rawValue))
  }

  private mutating func giveUpParts(
    of index: LogIndex
  ) throws(StorageError) -> [SnapshotNotice<Machine>] {
    guard case .parts(let receiver) = receiving, receiver.index == index.rawValue else { return [] }
    try giveUpReceiving()
    return []
  }

  private mutating func giveUpReceiving() throws(StorageError) {
    let given = receiving
    receiving = nil
    switch given {
    case .parts(var receiver), .finishing(var receiver): try receiver.abandon()
    case .loading, nil: break
    }
  }

  /// Makes what was received durable, then reads it into a state.
  mutating func goOnInstalling() throws(StorageError) -> [SnapshotNotice<Machine>] {
    // Taken out and held nowhere else: a step would else copy what is built, all of it.
    switch receiving.take() {
    case .finishing(var receiver):
      do throws(StorageError) {
        guard case .finished(let file) = try receiver.finish() else {
          receiving = .finishing(receiver)
          return []
        }
        add(file)
        receiving = .loading(Loading(reader: try store.reader(of: file.index)))
        return []
      } catch {
        guard !error.isFatal else { throw error }
        return notReceived(LogIndex(receiver.index), because: error)
      }
    case .loading(var loading):
      do throws(StorageError) {
        if let restored = try loading.step() { return [.received(restored)] }
        receiving = .loading(loading)
        return []
      } catch {
        guard !error.isFatal else { throw error }
        let index = loading.reader.file.index
        return giveUpDamaged(index, because: error) + [.jobDone(.lost(index: LogIndex(index)))]
      }
    case .parts(let receiver):
      receiving = .parts(receiver)
      return []
    case nil: return []
    }
  }
}
