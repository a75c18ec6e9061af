package import Consensus

/// Gives the pieces of this node's newest states to whoever asks.
///
/// Several states are kept, of which two or more are stable, so that whoever is in the midst of
/// fetching one does not lose its source; what they have in common exists once.
package struct StateServer: Sendable {
  /// A checkpoint can be two ahead of the stable one; behind it another one stays.
  static let keptMax = 4
  /// An answer ends with the piece that takes it to this size.
  static let sizeAim = 256 << 10

  /// The oldest first.
  private var kept: [(index: LogIndex, tree: StateTree)] = []
  private let digester: any Digester

  /// A server that has no state yet.
  package init(using digester: any Digester) {
    self.digester = digester
  }

  /// The newest state, and the index of the newest entry that it includes.
  package var newest: (index: LogIndex, tree: StateTree)? { kept.last }

  /// The state of a root, if it is still kept.
  package func tree(of root: Digest) -> StateTree? {
    kept.last { $0.tree.root == root }?.tree
  }

  /// Keeps a further state.
  package mutating func keep(_ tree: StateTree, at index: LogIndex) {
    kept.append((index, tree))
    if kept.count > Self.keptMax { kept.removeFirst() }
  }

  /// As many pieces as one answer may have.
  package func answer(to wants: [StateWant]) -> [StatePiece?] {
    var pieces: [StatePiece?] = []
    var size = 0
    for want in wants {
      let piece = piece(want)
      size += piece?.bytes.count ?? 0
      pieces.append(piece)
      if size >= Self.sizeAim { break }
    }
    return pieces
  }

  private func piece(_ want: StateWant) -> StatePiece? {
    for state in kept.reversed() {
      if let piece = state.tree.piece(want, using: digester) { return piece }
    }
    return nil
  }
}
