import Consensus
import Raft

// What goes wrong between nodes.
extension SimulatedCluster {
  /// A fault of the links strikes; a single node has none.
  func strikeLinks(_ kind: FaultKind) {
    guard nodes.count > 1 else { return }
    switch kind {
    case .reset:
      let (from, to) = randomPair()
      network.breakNext(from: from, to: to)
    case .flapping: flap()
    case .swizzle: swizzle()
    case .notReading: stopReading(victim())
    case .longCut: cut(links(around: victim()), kind, for: FaultStrike.longMicroseconds)
    default:
      let links = LinkCut.links(
        of: kind,
        nodeCount: nodes.count,
        around: victim(),
        &strikeRandom
      )
      cut(links, kind, for: strikeRandom.number(in: 200_000..<5_000_000))
    }
  }

  /// Cuts links for a while.
  func cut(_ links: [LinkCut], _ kind: FaultKind, for microseconds: UInt64) {
    let id = begin(kind, .links(links), nodes: Self.nodes(of: links), for: microseconds)
    turnLinks(of: id, areCut: true)
  }

  /// The links of an episode go down or up; those of one that is over stay up.
  func turnLinks(of id: Int, areCut: Bool) {
    guard case .links(let links) = episodes[id].change, !episodes[id].isOver else { return }
    network.mend(id)
    guard areCut else { return }
    for link in links { network.cut(link, by: id) }
  }

  /// A peer's frame stays in the socket of a node that does not read.
  ///
  /// However long that takes, what waits there is bounded: a leader waits for answers, and offers
  /// one message again each time its patience ends (N9, W8).
  func leaveUnread(_ frame: PeerFrame) throws(Violation) {
    guard let (since, fault) = nodes[frame.to].deafness else { return }
    faults.tookEffect(episode: fault)
    nodes[frame.to].unread.append(frame)
    let size = nodes[frame.to].unread.reduce(0) {
      $0 + ($1.from == frame.from ? $1.bytes.count : 0)
    }
    let offers = Int((now - since) / setup.raft.resendMicroseconds) + 4
    let largest = setup.raft.appendSizeMax + Self.entrySizeMax
    guard size <= setup.raft.inFlightSizeMax + offers * 2 * largest else {
      let reader = nodes[frame.to].member.id
      throw .safety("N9", "\(size) bytes wait for \(reader), who does not read")
    }
  }

  /// A node reads everything that has waited.
  func readAgain(_ node: Int) throws(Violation) {
    let frames = nodes[node].unread
    nodes[node].unread.removeAll()
    nodes[node].deafness = nil
    for frame in frames { try receiveFrame(frame) }
  }

  // MARK: Helpers

  /// More than any entry of a simulated client with its frame.
  private static let entrySizeMax = 8_000

  private static func nodes(of links: [LinkCut]) -> [Int] {
    Set(links.flatMap { [$0.from, $0.to] }).sorted()
  }

  private func randomPair() -> (from: Int, to: Int) {
    let from = strikeRandom.number(below: nodes.count)
    return (from, (from + 1 + strikeRandom.number(below: nodes.count - 1)) % nodes.count)
  }

  func links(around node: Int) -> [LinkCut] {
    links(between: node, and: nodes.indices.filter { $0 != node }[...])
  }

  /// The links of a node to some others, in both directions.
  func links(between node: Int, and others: ArraySlice<Int>) -> [LinkCut] {
    others.flatMap { [LinkCut(from: node, to: $0), LinkCut(from: $0, to: node)] }
  }

  /// One link or all of a node go down and up in quick succession.
  private func flap() {
    let node = victim()
    let (from, to) = randomPair()
    let single = [LinkCut(from: from, to: to), LinkCut(from: to, to: from)]
    let links = strikeRandom.oneIn(2) ? links(around: node) : single
    let length = strikeRandom.number(in: 1_000_000..<6_000_000)
    let id = begin(.flapping, .links(links), nodes: Self.nodes(of: links), for: length)
    var time: UInt64 = 0
    var areCut = true
    while time < length {
      queue.schedule(.linksTurn(episode: id, areCut: areCut), at: now + time)
      time += strikeRandom.number(in: 20_000..<400_000)
      areCut.toggle()
    }
  }

  /// Nodes are clogged one by one, and come back in another order.
  private func swizzle() {
    let clogged = shuffled(nodes.indices.filter { _ in strikeRandom.chance(percent: 60) })
    let gap = strikeRandom.number(in: 20_000..<600_000)
    let allDown = gap * UInt64(clogged.count)
    for (turn, node) in clogged.enumerated() {
      let links = links(around: node)
      let id = begin(.swizzle, .links(links), nodes: [node], for: 3 * allDown)
      queue.schedule(.linksTurn(episode: id, areCut: true), at: now + gap * UInt64(turn))
    }
    let first = episodes.count - clogged.count
    for (turn, id) in shuffled(Array(first..<episodes.count)).enumerated() {
      let time = now + allDown + gap * UInt64(turn + 1)
      queue.schedule(.linksTurn(episode: id, areCut: false), at: time)
    }
  }

  private func shuffled(_ things: [Int]) -> [Int] {
    var things = things
    for place in things.indices {
      things.swapAt(place, place + strikeRandom.number(below: things.count - place))
    }
    return things
  }

  private func stopReading(_ node: Int) {
    guard nodes[node].process != nil, nodes[node].deafness == nil else { return }
    let length = strikeRandom.number(in: 100_000..<4_000_000)
    let id = begin(.notReading, .notReading(node: node), nodes: [node], for: length)
    nodes[node].deafness = (now, id)
  }
}
