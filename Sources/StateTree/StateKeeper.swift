package import Consensus
import Wire

/// All that a replica does with trees of states: it computes the roots that are due, serves what it
/// has of its newest states, and fetches one that is wanted.
///
/// It works for long at times, as with the first root of a large state: a server has a thread for
/// it. What it wants done comes back as notices.
package struct StateKeeper: Sendable {
  /// What is to be done, or known.
  package enum Notice: Sendable {
    /// This message is for a peer.
    case send(StateMessage, to: NodeID)
    /// The state that was wanted is here.
    case fetched(StateTree, target: StateTarget, StateFetch.Counts)
    /// A peer has sent what it should not have.
    case lied(NodeID)
    /// The state that was wanted is here and of no use.
    case unreadable(StateFetchFailure)
  }

  private let peers: [NodeID]
  private let digester: any Digester
  private var server: StateServer
  private var fetch: StateFetch?
  private var target: StateTarget?

  /// A keeper without states, of a replica with these peers.
  package init(peers: [NodeID], using digester: any Digester) {
    self.peers = peers
    self.digester = digester
    server = StateServer(using: digester)
  }

  /// Whether it has a state.
  package var hasState: Bool { server.newest != nil }
  /// Whether a state is wanted.
  package var isFetching: Bool { fetch != nil }

  /// The root of the next state, which includes the entries up to an index.
  ///
  /// All its tables are asked for only where it is not known which changes lead to it from the
  /// state before.
  package mutating func root(
    at index: LogIndex,
    head: [UInt8],
    changes: [StateChange]?,
    tables: () -> [StateTable]
  ) -> Digest {
    let tree: StateTree
    if let changes, let last = server.newest?.tree {
      tree = last.changed(by: changes, head: head, using: digester)
    } else {
      tree = StateTree(head: head, tables: tables(), using: digester)
    }
    server.keep(tree, at: index)
    return tree.root
  }

  /// Begins to fetch a state, or goes on for another one than before.
  package mutating func want(_ target: StateTarget) {
    self.target = target
    if fetch == nil {
      fetch = StateFetch(
        root: target.root,
        local: server.newest?.tree,
        peers: peers,
        using: digester
      )
    } else {
      fetch?.retarget(to: target.root)
    }
  }

  /// A peer asks, or answers.
  package mutating func receive(
    _ message: StateMessage,
    from peer: NodeID,
    at now: UInt64
  ) -> [Notice] {
    switch message {
    case .ask(let number, let wants):
      return [.send(.answer(number: number, pieces: server.answer(to: wants)), to: peer)]
    case .answer(let number, let pieces):
      guard fetch?.receive(pieces, number: number, from: peer, at: now) == false else { return [] }
      return [.lied(peer)]
    }
  }

  /// Goes on with what is wanted; to be called after messages, and when it is due.
  package mutating func goOn(at now: UInt64) -> [Notice] {
    guard let target else { return [] }
    if let failure = fetch?.failure {
      forgetFetch()
      return [.unreadable(failure)]
    }
    if let fetch, let tree = fetch.finish() {
      forgetFetch()
      server.keep(tree, at: target.index)
      return [.fetched(tree, target: target, fetch.counts)]
    }
    return (fetch?.questions(at: now) ?? []).map { .send($0.message, to: $0.peer) }
  }

  /// When it has to go on at the latest; nil if it waits for nothing.
  package func nextDue(after now: UInt64) -> UInt64? { fetch?.nextDue(after: now) }

  private mutating func forgetFetch() {
    fetch = nil
    target = nil
  }
}
