import Consensus
import Documents
import Replication
import Simulation
import Storage
import Wire

/// What requests change in a run.
typealias ByzantineStore = DocumentStore

// Roots of states, snapshots, and states that are taken over from others.
extension ByzantineCluster {
  private static let statesKept = 8

  /// Computes a root that is due; replicas vote for it when it is known.
  func digest(
    _ order: StateRootOrder<ByzantineStore>,
    of life: ByzantineLife,
    on node: ByzantineNode
  ) {
    guard order.index == life.replica.lastApplied else {
      return checker.fail("I6", "a root is due at \(order.index), not the newest entry")
    }
    let root = Self.root(of: order.stateDigest(), at: order.index)
    guard life.replica.stateDigest() == order.stateDigest() else {
      return checker.fail("I6", "a root is due of another state than the one at \(order.index)")
    }
    checker.rooted(root, at: order.index, by: node.number)
    adversary.roots.append((order.index, root))
    keep(StateEntry(order: order, root: root))
    let delay = random.number(in: 100..<20_000)
    queue.schedule(
      .root(node: node.number, boot: life.boot, index: order.index, root: root),
      at: now + delay
    )
  }

  /// Whoever starts anew comes by old states again: the newest ones stay, which others may want.
  private func keep(_ entry: StateEntry) {
    guard !states.contains(where: { $0.order.index == entry.order.index }) else { return }
    states.append(entry)
    states.sort { $0.order.index < $1.order.index }
    if states.count > Self.statesKept { states.removeFirst() }
  }

  /// Equal states have equal roots.
  private static func root(of digest: UInt64, at index: LogIndex) -> Digest {
    Digest(bits: Bits256(digest, index.rawValue, 0, 0))
  }

  // MARK: Snapshots

  func takeSnapshotOrders(of life: ByzantineLife, on node: ByzantineNode) {
    for order in life.replica.takeSnapshotOrders() {
      if case .write(let state) = order {
        let agreed = life.replica.core.agreedIndex
        checker.keeps(state.mark.index, agreedThrough: agreed, by: node.number)
      }
      life.keeper.take(order)
    }
    scheduleSnapshots(of: life, on: node)
  }

  private func scheduleSnapshots(of life: ByzantineLife, on node: ByzantineNode) {
    guard !life.isKeeperBusy, life.keeper.hasWork else { return }
    life.isKeeperBusy = true
    queue.schedule(
      .snapshotStep(node: node.number, boot: life.boot),
      at: now + random.number(in: 50..<3_000)
    )
  }

  func stepSnapshots(of life: ByzantineLife, on node: ByzantineNode) {
    life.isKeeperBusy = false
    do {
      for notice in try life.keeper.step() { take(notice, of: life) }
    } catch {
      return diskFailed(on: node, error)
    }
    scheduleTurn(of: node, life)
    scheduleSnapshots(of: life, on: node)
  }

  private func take(_ notice: SnapshotNotice<ByzantineStore>, of life: ByzantineLife) {
    if case .taken = notice { marks.reach(.snapshotWritten) }
    if case .received(let restored) = notice {
      let index = restored.mark.index
      checker.rooted(Self.root(of: restored.state.stateDigest(), at: index), at: index, by: nil)
      marks.reach(.stateTakenOver)
    }
    life.replica.receive(notice)
  }

  // MARK: Transfer

  func scheduleTransfer(of life: ByzantineLife, on node: ByzantineNode) {
    queue.schedule(
      .state(node: node.number, boot: life.boot),
      at: now + random.number(in: 2_000..<100_000)
    )
  }

  /// Hands over the state that a replica wants, if anybody still has it; a newer one will be wanted
  /// otherwise.
  func takeState(for life: ByzantineLife, on node: ByzantineNode) {
    guard let target = life.wanted else { return }
    guard let entry = states.first(where: { $0.order.index == target.index }) else { return }
    guard entry.root == target.root else {
      return checker.fail("I6", "the stable root at \(target.index) is no honest replica's")
    }
    life.wanted = nil
    life.keeper.take(
      .install(FrozenState(mark: entry.order.mark, image: ReplicaImage(entry.order)))
    )
    scheduleSnapshots(of: life, on: node)
  }
}
