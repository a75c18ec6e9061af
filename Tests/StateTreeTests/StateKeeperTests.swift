import Consensus
import Wire
import XCTest

@testable import StateTree

final class StateKeeperTests: XCTestCase {
  func test_root_whenChangesAreKnownOrNot_isTheSame() {
    var state = SampleState(seed: 5)
    var (knowing, unknowing) = (keeper(), keeper())
    for index in 1...10 as ClosedRange<UInt64> {
      state.changeAtRandom(times: 100)
      let changes = state.takeChanges()

      let roots = [
        root(&knowing, of: state, changes: changes, at: index),
        root(&unknowing, of: state, changes: nil, at: index),
      ]

      XCTAssertEqual(roots[0], roots[1])
    }
  }

  func test_state_whenWanted_isFetchedFromThePeers() throws {
    var state = SampleState(seed: 6)
    var peers = (0..<3).map { _ in keeper() }
    var behind = keeper()
    state.changeAtRandom(times: 500)
    _ = root(&behind, of: state, changes: nil, at: 1)
    state.changeAtRandom(times: 500)
    let roots = peers.indices.map { root(&peers[$0], of: state, changes: nil, at: 2) }
    let target = StateTarget(index: LogIndex(2), root: roots[0])

    behind.want(target)
    let fetched = run(&behind, &peers)

    guard case .fetched(let tree, target, _)? = fetched.last else { return XCTFail("not fetched") }
    XCTAssertEqual(tree.tables, state.tree().tables)
    XCTAssertFalse(behind.isFetching)
    peers.append(behind)
    var next = keeper()
    next.want(target)
    XCTAssertEqual(run(&next, &peers).count, 1, "it serves what it has fetched")
  }

  func test_state_whenItsHeadMeansNothing_isSaidToBeOfNoUse() {
    let page = StatePiece(.head, [9, 9, 9])
    let digest = page.digest(SampleState.digester)
    var keeper = keeper()
    keeper.want(StateTarget(index: LogIndex(1), root: digest))
    guard case .send(.ask(let number, _), let peer)? = keeper.goOn(at: 0).first else {
      return XCTFail("asks nobody")
    }

    let lies = keeper.receive(.answer(number: number, pieces: [page]), from: peer, at: 0)
    let notices = keeper.goOn(at: 0)

    XCTAssertTrue(lies.isEmpty)
    guard case .unreadable(let failure)? = notices.first else { return XCTFail("it is used") }
    XCTAssertEqual(failure.place, .head)
    XCTAssertFalse(keeper.isFetching)
  }

  func test_lie_whenReceived_isSaid() {
    var keeper = keeper()
    keeper.want(StateTarget(index: LogIndex(1), root: SampleState(seed: 1).tree().root))
    guard case .send(.ask(let number, _), let peer)? = keeper.goOn(at: 0).first else {
      return XCTFail("asks nobody")
    }

    let notices = keeper.receive(
      .answer(number: number, pieces: [StatePiece(.leaf, [1])]),
      from: peer,
      at: 0
    )

    guard case .lied(peer)? = notices.first else { return XCTFail("believed") }
  }

  // MARK: Helpers

  private func keeper() -> StateKeeper {
    StateKeeper(peers: (0..<3).map { NodeID($0) }, using: SampleState.digester)
  }

  private func root(
    _ keeper: inout StateKeeper,
    of state: SampleState,
    changes: [StateChange]?,
    at index: UInt64
  ) -> Digest {
    keeper.root(at: LogIndex(index), head: [1, 2, 3], changes: changes) {
      state.stateTables(shuffledBy: index)
    }
  }

  /// Lets it fetch; what it says that is for no peer.
  private func run(
    _ keeper: inout StateKeeper,
    _ peers: inout [StateKeeper]
  ) -> [StateKeeper.Notice] {
    var said: [StateKeeper.Notice] = []
    while keeper.isFetching {
      for notice in keeper.goOn(at: 0) {
        guard case .send(let question, let peer) = notice else {
          said.append(notice)
          continue
        }
        let asker = NodeID(9)
        let answers = peers[Int(peer.rawValue)].receive(question, from: asker, at: 0)
        guard case .send(let message, asker)? = answers.first else { continue }
        said += keeper.receive(message, from: peer, at: 0)
      }
    }
    return said
  }
}
