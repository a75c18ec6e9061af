import ClientProtocol
import Consensus
import Crypto
import Documents
import Wire
import XCTest

@testable import Replication
@testable import Server

/// What the thread for states does, without the thread.
final class StateDeskTests: XCTestCase {
  func test_root_whenChangesAreKnown_isTheOneFromScratch() throws {
    var node = Node()
    var desk = makeDesk()
    for _ in 0..<5 {
      node.write(40)
      let step = node.step()

      let root = try XCTUnwrap(Self.root(in: desk.take(.step(step), at: 0)))

      XCTAssertEqual(scratchRoot(of: step), root)
    }
  }

  func test_state_whenWanted_isTheOthersStateAsASnapshot() throws {
    var node = Node()
    var source = makeDesk()
    var behind = makeDesk()
    node.write(100)
    let old = node.step().order
    node.write(20)
    let step = node.step()
    let root = try XCTUnwrap(Self.root(in: source.take(.step(step), at: 0)))
    let target = StateTarget(index: step.order.index, root: root)

    let fetched = run(&behind, .want(target, here: old), &source)

    guard case .fetched(let state, let counts)? = fetched.last else { return XCTFail("nothing") }
    XCTAssertEqual(state.mark, step.order.mark)
    XCTAssertGreaterThan(counts.local, 0)
    let restored = try Self.restored(state)
    XCTAssertEqual(restored.machine.stateDigest(), node.machine.stateDigest())
    XCTAssertEqual(restored.sessions.stateTable, node.sessions.stateTable)

    // It could not be kept: what is here is not asked for again.
    let again = run(&behind, .want(target, here: nil), &source)
    guard case .fetched(_, let few)? = again.last else { return XCTFail("nothing") }
    XCTAssertEqual(few.received, 1)

    node.write(10)
    let next = node.step()
    XCTAssertNotNil(next.changes(since: step.order.base), "it goes on from what was fetched")
    XCTAssertEqual(
      Self.root(in: behind.take(.step(next), at: 0)),
      scratchRoot(of: next)
    )
  }

  func test_state_whenAPeerSendsNonsense_saysSo() {
    var desk = makeDesk()

    let notices = desk.take(.heard([9, 9], from: NodeID(2)), at: 0)

    guard case .lied(NodeID(2))? = notices.first else { return XCTFail("believed") }
  }

  // MARK: Helpers

  /// A machine with sessions, whose log is made up.
  private struct Node {
    private(set) var machine = DocumentStore(cursorSeed: 1, isTracked: true)
    private(set) var sessions = ClientSessions()
    private var index: UInt64 = 0
    private var changesStart = LogIndex.zero
    private let configuration = ClusterConfiguration(seats: [])

    init() { sessions.configure(configuration) }

    mutating func write(_ count: Int) {
      for number in 0..<count {
        index += 1
        let place = LogPlace(
          index: LogIndex(index),
          logTimeMicroseconds: index,
          wallMilliseconds: index
        )
        if number % 10 == 0 { _ = sessions.register(nonce: index, as: index, at: index) }
        let command = Command(
          place: Place(collection: "c\(index % 3)"),
          operation: .kvPut(
            key: Array("key \(index % 90)".utf8),
            value: [UInt8](repeating: UInt8(number % 250), count: number * 13)
          )
        )
        _ = machine.apply(Bytes(command.encoded()), at: place)
      }
    }

    mutating func step() -> StateStep<DocumentStore> {
      let mark = SnapshotMark(
        index: LogIndex(index),
        term: Term(1),
        logTimeMicroseconds: index,
        configuration: configuration,
        configurationIndex: LogIndex(1)
      )
      let order = StateRootOrder(mark: mark, machine: machine, sessions: sessions)
      defer { changesStart = order.index }
      return StateStep(order, after: changesStart, machine.takeStateChanges())
    }
  }

  private func makeDesk() -> StateDesk {
    StateDesk(peers: [NodeID(2)], digester: SHA256Digester())
  }

  private func scratchRoot(of step: StateStep<DocumentStore>) -> Digest? {
    var desk = makeDesk()
    let whole = StateStep(step.order, after: .zero, nil)
    return Self.root(in: desk.take(.step(whole), at: 0))
  }

  private static func root(in notices: [StateDesk.Notice]) -> Digest? {
    guard case .root(let root, _)? = notices.first else { return nil }
    return root
  }

  /// Lets two desks speak until nobody has anything to say; what is for no peer.
  private func run(
    _ desk: inout StateDesk,
    _ work: StateDesk.Work,
    _ source: inout StateDesk
  ) -> [StateDesk.Notice] {
    var said: [StateDesk.Notice] = []
    var waiting = desk.take(work, at: 0)
    while let notice = waiting.popLast() {
      guard case .send(let question, _) = notice else {
        said.append(notice)
        continue
      }
      for case .send(let answer, _) in source.take(.heard(question, from: NodeID(1)), at: 0) {
        waiting += desk.take(.heard(answer, from: NodeID(2)), at: 0)
      }
    }
    return said
  }

  private static func restored(
    _ state: FrozenState<DocumentStore>
  ) throws -> RestoredState<DocumentStore> {
    var (image, builder) = (state.image, ReplicaBuilder<DocumentStore>())
    while let piece = image.nextPiece(sizeAim: 1_000) { try builder.take(Bytes(piece)) }
    return try builder.finish()
  }
}
