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
      let finished = try current.step(pieceSizeAim)
      guard let finished else {
        writing = current
        return []
      }
      add(finished)
      guard current.isForeign else { return [.taken(current.mark, size: finished.size)] }
      receiving = .loading(Loading(reader: try store.reader(of: finished.index)))
      return []
    } catch {
      // The writer has removed its file; the state is frozen anew another time.
      guard !error.isFatal else { throw error }
      return [isForeign ? .jobDone(.lost(index: index)) : .notTaken(error)]
    }
  }

  private mutating func begin() throws(StorageError) -> Writing? {
    let isForeign = waitingForeign != nil
    guard let state = isForeign ? waitingForeign.take() : waiting.take() else { return nil }
    let writer = try store.begin(
      index: state.mark.index.rawValue,
      term: state.mark.term.rawValue,
      head: state.mark.encoded()
    )
    return Writing(mark: state.mark, isForeign: isForeign, image: state.image, writer: writer)
  }
}

extension SnapshotKeeper.Writing {
  /// - Returns: The file, after the last step.
  mutating func step(_ pieceSizeAim: Int) throws(StorageError) -> SnapshotFile? {
    if !isWhole {
      if let piece = image.nextPiece(sizeAim: pieceSizeAim) {
        try writer.append(piece)
      } else {
        isWhole = true
      }
      return nil
    }
    guard case .finished(let file) = try writer.finish() else { return nil }
    return file
  }
}
