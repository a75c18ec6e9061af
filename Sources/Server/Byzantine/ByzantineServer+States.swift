import Consensus
import Crypto
import Documents
import Genesis
import Replication
import StateTree
import Transport

// Roots of states and states of others: what the thread for them is given, and what it says.
extension ByzantineServer {
  static func stateDesk(of node: ByzantineNode) -> StateDesk {
    let others = node.genesis.configuration.seats.map(\.member)
      .filter { $0 != node.identity.member }
    // One of its own: nobody else waits for its lock.
    return StateDesk(peers: others.map(\.id), digester: SHA256Digester())
  }

  /// Has the state digested if it is to be voted for.
  func takeStateStep() {
    guard let step = replica.takeStateStep() else { return }
    states.take(.step(step))
  }

  /// Has a state fetched from others.
  func want(_ target: StateTarget) {
    guard target != wantedState else { return }
    wantedState = target
    isStateLost = false
    say(.info, "state.wanted", [("index", "\(target.index)"), ("root", "\(target.root)")])
    states.take(.want(target, here: replica.stateNow))
  }

  func obey(_ notice: StateDesk.Notice) {
    switch notice {
    case .root(let root, let index):
      replica.stateRootIsKnown(root, at: index)
    case .send(let bytes, let peer):
      guard let seat = node.genesis.configuration.seat(of: peer) else { return }
      peers?.send(.state(bytes), to: [seat.member])
    case .fetched(let state, let counts):
      let fields = [
        ("index", "\(state.mark.index)"), ("pieces", "\(counts.received)"),
        ("local", "\(counts.local)"), ("lies", "\(counts.lies)"),
      ]
      say(.info, "state.fetched", fields)
      disk.snapshots.take([.install(state)])
    case .lied(let peer):
      say(.warning, "state.refused", [("peer", "\(peer)")])
    case .unreadable(let reason):
      say(.error, "state.unreadable", [("reason", reason)])
    }
  }

  /// A state of others is written, or could not be.
  func noteInstalling(_ notice: SnapshotNotice<DocumentStore>) {
    switch notice {
    case .received(let restored):
      installPause = InstallPause()
      if restored.mark.index == wantedState?.index { wantedState = nil }
    case .jobDone(let result) where result.isNotReceived:
      isStateLost = wantedState != nil
      if case .noRoom = result { installPause.noRoom(at: loop.turnStart) }
    case .jobDone, .taken, .notTaken, .notReceived, .olderRemoved, .damaged: break
    }
  }

  /// A full disk may have room by now, and most of what was fetched is still here.
  func wantStateAgainIfLost() {
    guard isStateLost, installPause.isOver(at: loop.turnStart), let target = wantedState else {
      return
    }
    isStateLost = false
    states.take(.want(target, here: nil))
  }
}
