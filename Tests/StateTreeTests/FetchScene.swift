import Consensus
import Wire

@testable import StateTree

/// Peers that have a state, some of which lie, and time that passes when nothing is to be done.
struct FetchScene {
  enum Fault {
    case otherBytes
    case otherPiece
    case nothing
    case tooMany
    /// No lies, but no help either.
    case absent
    case silent

    static let lies: [Fault] = [.otherBytes, .otherPiece, .nothing, .tooMany]
  }

  var state: SampleState
  private(set) var tree: StateTree
  private var server = StateServer(using: SampleState.digester)
  private var index = LogIndex(1)
  private let faults: [UInt32: Fault]

  init(changes: Int, keys: Int = 300, faults: [UInt32: Fault] = [:]) {
    self.faults = faults
    state = SampleState(seed: 42)
    state.changeAtRandom(times: changes, keys: keys)
    tree = state.tree()
    server.keep(tree, at: index)
  }

  /// The state went on.
  mutating func advance() {
    tree = state.tree()
    index = index.next
    server.keep(tree, at: index)
  }

  func fetch(peers: [UInt32], local: StateTree? = nil) -> StateFetch {
    StateFetch(
      root: tree.root,
      local: local,
      peers: peers.map { NodeID($0) },
      using: SampleState.digester
    )
  }

  /// Answers some rounds of questions at once.
  func serve(
    _ fetch: inout StateFetch,
    rounds: Int,
    _ tamper: (StatePiece) -> StatePiece = { $0 }
  ) {
    for _ in 0..<rounds {
      for question in fetch.questions(at: 0) {
        guard case .ask(let number, let wants) = question.message else { continue }
        let pieces = server.answer(to: wants).map { $0.map(tamper) }
        _ = fetch.receive(pieces, number: number, from: question.peer, at: 0)
      }
    }
  }

  func run(
    peers: [UInt32],
    local: StateTree? = nil,
    until end: UInt64 = 9_000_000
  ) -> (tree: StateTree?, fetch: StateFetch, questions: [UInt32: Int]) {
    var fetch = fetch(peers: peers, local: local)
    let asked = run(&fetch, during: 0..<end)
    return (fetch.finish(), fetch, asked)
  }

  /// Goes on until all is here, or time is up; returns how often each peer was asked.
  func run(_ fetch: inout StateFetch, during time: Range<UInt64>) -> [UInt32: Int] {
    var asked: [UInt32: Int] = [:]
    var now = time.lowerBound
    while !fetch.isComplete, now < time.upperBound {
      for question in fetch.questions(at: now) {
        let peer = question.peer.rawValue
        asked[peer, default: 0] += 1
        guard case .ask(let number, let wants) = question.message,
          let pieces = answer(to: wants, by: peer)
        else { continue }
        _ = fetch.receive(pieces, number: number, from: question.peer, at: now)
      }
      now += 1_000
    }
    return asked
  }

  private func answer(to wants: [StateWant], by peer: UInt32) -> [StatePiece?]? {
    let pieces = server.answer(to: wants)
    switch faults[peer] {
    case nil: return pieces
    case .otherBytes: return pieces.map { $0.map { StatePiece($0.kind, $0.bytes + [0]) } }
    case .otherPiece: return pieces.map { _ in StatePiece(.value, [1, 2, 3]) }
    case .nothing: return []
    case .tooMany: return pieces + [nil]
    case .absent: return pieces.map { _ in nil }
    case .silent: return nil
    }
  }
}
