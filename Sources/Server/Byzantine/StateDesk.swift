import Consensus
import Documents
import Replication
import StateTree
import Wire

/// What a node's thread for states works on, without the thread: roots of the replica's states, and
/// states of others as snapshots.
struct StateDesk: Sendable {
  /// What is to be done.
  enum Work: Sendable {
    /// The root of this state is due.
    case step(StateStep<DocumentStore>)
    /// A state is wanted; what the one that is here has of it need not be asked for.
    case want(StateTarget, here: StateRootOrder<DocumentStore>?)
    /// A peer has said this.
    case heard([UInt8], from: NodeID)
  }

  /// What came of it.
  enum Notice: Sendable {
    /// A root that was due.
    case root(Digest, at: LogIndex)
    /// This is for a peer.
    case send([UInt8], to: NodeID)
    /// The state that was wanted, ready to be written and gone on from.
    case fetched(FrozenState<DocumentStore>, StateFetch.Counts)
    /// A peer has sent what nobody honest sends.
    case lied(NodeID)
    /// The state that was wanted means nothing to this version.
    case unreadable(String)
  }

  private var keeper: StateKeeper
  /// Of the state of the newest tree.
  private var base: StateBase?

  init(peers: [NodeID], digester: any Digester) {
    keeper = StateKeeper(peers: peers, using: digester)
  }

  mutating func take(_ work: Work, at now: UInt64) -> [Notice] {
    switch work {
    case .step(let step):
      let changes = base.flatMap { step.changes(since: $0) }
      let root = root(of: step.order, changes)
      base = step.order.base
      return [.root(root, at: step.order.index)]
    case .want(let target, let here):
      if let here, !keeper.hasState {
        _ = root(of: here, nil)
        base = here.base
      }
      keeper.want(target)
      return goOn(at: now)
    case .heard(let bytes, let peer):
      do throws(WireError) {
        let message = try StateMessage(decoding: bytes)
        let notices = keeper.receive(message, from: peer, at: now)
        return notices.flatMap { say($0) } + goOn(at: now)
      } catch {
        return [.lied(peer)]
      }
    }
  }

  /// Time has passed.
  mutating func goOn(at now: UInt64) -> [Notice] {
    keeper.goOn(at: now).flatMap { say($0) }
  }

  func nextDue(after now: UInt64) -> UInt64? { keeper.nextDue(after: now) }

  private mutating func root(
    of state: StateRootOrder<DocumentStore>,
    _ changes: [StateChange]?
  ) -> Digest {
    keeper.root(at: state.index, head: state.stateHead, changes: changes) { state.stateTables }
  }

  private mutating func say(_ notice: StateKeeper.Notice) -> [Notice] {
    switch notice {
    case .send(let message, let peer): return [.send(message.encoded(), to: peer)]
    case .lied(let peer): return [.lied(peer)]
    case .unreadable(let failure): return [.unreadable("\(failure.reason)")]
    case .fetched(let tree, let target, let counts):
      base = nil
      do throws(WireError) {
        let state = try Self.state(of: tree, target)
        base = state.base
        return [.fetched(FrozenState(mark: state.mark, image: ReplicaImage(state)), counts)]
      } catch {
        return [.unreadable("\(error)")]
      }
    }
  }

  private static func state(
    of tree: StateTree,
    _ target: StateTarget
  ) throws(WireError) -> StateRootOrder<DocumentStore> {
    let state = try StateRootOrder<DocumentStore>(stateHead: tree.head, tables: tree.tables)
    guard state.index == target.index else { throw .badValue("index of a state", offset: 1) }
    return state
  }
}
