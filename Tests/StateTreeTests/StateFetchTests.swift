import Consensus
import SymbolicCrypto
import Wire
import XCTest

@testable import StateTree

final class StateFetchTests: XCTestCase {
  private let digester = SampleState.digester

  func test_fetch_whenAllPeersAreHonest_isTheState() throws {
    let scene = FetchScene(changes: 3_000)

    let tree = try XCTUnwrap(scene.run(peers: [1, 2, 3]).tree)

    XCTAssertEqual(tree.root, scene.tree.root)
    XCTAssertEqual(tree.head, scene.tree.head)
    XCTAssertEqual(tree.tables, scene.tree.tables)
  }

  func test_fetch_whenTheStateIsEmpty_isDoneAfterOnePiece() throws {
    var scene = FetchScene(changes: 0)

    let run = scene.run(peers: [1])

    XCTAssertEqual(run.tree?.root, scene.tree.root)
    XCTAssertEqual(run.fetch.counts.received, 1)
    scene.state.put("a", size: 1, in: "t")
    XCTAssertNotEqual(scene.state.tree().root, scene.tree.root)
  }

  func test_fetch_whenAnOlderStateIsHere_asksForTheDifferenceOnly() throws {
    var scene = FetchScene(changes: 4_000, keys: 4_000)
    let old = scene.tree
    for number in 0..<5 { scene.state.put("new \(number)", size: 700, in: "table 1") }
    scene.advance()

    let run = scene.run(peers: [1, 2], local: old)

    XCTAssertEqual(run.tree?.tables, scene.tree.tables)
    XCTAssertLessThan(run.fetch.counts.received, 40)
    XCTAssertGreaterThan(run.fetch.counts.local, 3)
  }

  func test_fetch_whenTheStateIsHereAlready_asksForItsFirstPageOnly() {
    let scene = FetchScene(changes: 1_000)

    let run = scene.run(peers: [1], local: scene.tree)

    XCTAssertEqual(run.tree?.root, scene.tree.root)
    XCTAssertEqual(run.fetch.counts.received, 1)
  }

  func test_fetch_whenAPeerLies_isTheStateAndTheLiarRests() {
    for lie in FetchScene.Fault.lies {
      let scene = FetchScene(changes: 1_500, faults: [2: lie])

      let run = scene.run(peers: [1, 2, 3])

      XCTAssertEqual(run.tree?.root, scene.tree.root, "\(lie)")
      XCTAssertEqual(run.tree?.tables, scene.tree.tables, "\(lie)")
      XCTAssertLessThanOrEqual(run.questions[2] ?? 0, 4, "\(lie): then not for ten seconds")
      XCTAssertEqual(run.fetch.counts.lies, 1, "\(lie)")
    }
  }

  func test_fetch_whenAllLie_isNeverDoneAndAsksAgainAfterTenSeconds() {
    let scene = FetchScene(changes: 100, faults: [1: .otherBytes, 2: .otherBytes])

    let run = scene.run(peers: [1, 2], until: 25_000_000)

    XCTAssertNil(run.tree)
    XCTAssertEqual(run.fetch.counts.lies, 6)
  }

  func test_fetch_whenSomePeersHaveNothingOrAreSilent_isTheState() {
    let scene = FetchScene(changes: 2_000, faults: [1: .absent, 3: .silent])

    let run = scene.run(peers: [1, 2, 3], until: 60_000_000)

    XCTAssertEqual(run.tree?.tables, scene.tree.tables)
    XCTAssertEqual(run.fetch.counts.lies, 0)
  }

  func test_fetch_whenTheTargetMoves_usesWhatIsHere() throws {
    var scene = FetchScene(changes: 4_000, keys: 4_000)
    var fetch = scene.fetch(peers: [1, 2])
    scene.serve(&fetch, rounds: 4)
    XCTAssertGreaterThan(fetch.counts.received, 20)
    XCTAssertFalse(fetch.isComplete)

    scene.state.put("one more", size: 10, in: "table 2")
    scene.advance()
    fetch.retarget(to: scene.tree.root)
    scene.serve(&fetch, rounds: 1_000)

    let all = scene.run(peers: [1]).fetch.counts.received
    XCTAssertEqual(fetch.finish()?.tables, scene.tree.tables)
    XCTAssertLessThan(fetch.counts.received, all + 20)
  }

  func test_fetch_whenTheTargetMovesAllTheTime_isDoneSoonAfterItStops() throws {
    var scene = FetchScene(changes: 4_000, keys: 4_000)
    var fetch = scene.fetch(peers: [1, 2])
    for move in 0..<12 {
      scene.serve(&fetch, rounds: 1)
      scene.state.put("moved \(move)", size: 400, in: "table \(move % 4)")
      if move == 5 { scene.state.drop("table 3") }
      scene.advance()
      fetch.retarget(to: scene.tree.root)
    }

    scene.serve(&fetch, rounds: 1_000)

    let tree = try XCTUnwrap(fetch.finish())
    XCTAssertEqual(tree.tables, scene.tree.tables)
    XCTAssertEqual(
      tree.changed(by: [], head: tree.head, using: digester).root,
      scene.tree.root
    )
  }

  /// Under load the target moves before anybody's patience ends.
  func test_fetch_whenTheTargetMovesAndAPeerIsSilent_isDoneAllTheSame() throws {
    for silent in 1...3 as ClosedRange<UInt32> {
      var scene = FetchScene(changes: 4_000, keys: 4_000, faults: [silent: .silent])
      var fetch = scene.fetch(peers: [1, 2, 3])

      for move in 0..<5 as Range<UInt64> where move == 0 || !fetch.isComplete {
        for number in 0..<200 {
          scene.state.put("key \(number * 17 + Int(move))", size: 30, in: "table \(number % 4)")
        }
        scene.advance()
        fetch.retarget(to: scene.tree.root)
        _ = scene.run(&fetch, during: move * 600_000..<(move + 1) * 600_000)
      }

      XCTAssertEqual(fetch.finish()?.tables, scene.tree.tables, "\(silent) is silent")
    }
  }

  func test_fetch_whenAnyPieceIsTampered_refusesIt() throws {
    let scene = FetchScene(changes: 400, keys: 150)
    let whole = scene.run(peers: [1])
    let piecesCount = whole.fetch.counts.received

    for tampered in 0..<piecesCount {
      var fetch = scene.fetch(peers: [1])
      var seen = 0
      scene.serve(&fetch, rounds: 100) { piece in
        defer { seen += 1 }
        guard seen == tampered else { return piece }
        var bytes = piece.bytes
        bytes[tampered % bytes.count] ^= 1
        return StatePiece(piece.kind, bytes)
      }

      XCTAssertEqual(fetch.counts.lies, 1, "piece \(tampered)")
      XCTAssertNil(fetch.finish())
    }
  }

  func test_fetch_whenAPieceComesAsAnotherKind_refusesIt() throws {
    let scene = FetchScene(changes: 100)
    for kind in StatePiece.Kind.allCases where kind != .head {
      var fetch = scene.fetch(peers: [1])

      scene.serve(&fetch, rounds: 1) { StatePiece(kind, $0.bytes) }

      XCTAssertEqual(fetch.counts.lies, 1)
    }
  }

  func test_fetch_whenNobodyAsked_takesNothing() throws {
    let scene = FetchScene(changes: 10)
    var fetch = scene.fetch(peers: [1])
    let want = StateWant(digest: scene.tree.root, place: .head)
    let piece = try XCTUnwrap(scene.tree.piece(want, using: digester))

    XCTAssertTrue(fetch.receive([piece], number: 5, from: NodeID(1), at: 0))

    XCTAssertEqual(fetch.counts.received, 0)
  }

  func test_server_whenAskedForMuch_answersTheFirstOnly() throws {
    var state = SampleState(seed: 1)
    for number in 0..<6 { state.put("key \(number)", size: 100_000, in: "t") }
    let tree = state.tree()
    var server = StateServer(using: digester)
    server.keep(tree, at: LogIndex(1))
    let wants = try (0..<6).map { number in
      let key = SampleState.bytes("key \(number)")
      let path = digester.digest(of: key.array, domain: .stateKey).bits
      let table = try XCTUnwrap(tree.table(SampleState.bytes("t"), digester)?.root)
      guard case .large(let value)? = table.entry(of: key, at: path)?.value else {
        throw WireError.badValue("large value", offset: 0)
      }
      return StateWant(
        digest: value.digest,
        place: .value(table: SampleState.bytes("t"), key: key)
      )
    }

    let pieces = server.answer(to: wants)

    XCTAssertEqual(pieces.count, 3)
    XCTAssertEqual(pieces.compactMap { $0?.digest(digester) }, wants[..<3].map(\.digest))
  }

  func test_server_whenMoreStatesFollow_keepsTheLastFour() {
    var server = StateServer(using: digester)
    var state = SampleState(seed: 1)
    var roots: [Digest] = []

    for index in 1...6 as ClosedRange<UInt64> {
      state.put("key", size: Int(index), in: "t")
      roots.append(state.tree().root)
      server.keep(state.tree(), at: LogIndex(index))
    }

    let isKept = roots.map { server.tree(of: $0) != nil }
    XCTAssertEqual(isKept, [false, false, true, true, true, true])
    XCTAssertEqual(server.newest?.index, LogIndex(6))
  }
}
