import Consensus
import PBFT

/// What clients, disks, clocks and networks do.
extension Behaviour {
  static let clients = [
    Behaviour("client-two-bodies").by(nil).leavingView(false).proving("E9").happening { stage in
      guard stage.quantum % 20 == 5 else { return }
      let first = UInt64(stage.quantum)
      for place in stage.replicas.indices {
        let text = place % 2 == 0 ? "one" : "other"
        let envelope = stage.genesis.envelope(client: 3, first: first, text: text)
        stage.submit(envelope, to: place)
      }
    },
    Behaviour("client-asks-one-backup").by(nil).leavingView(false).happening { stage in
      guard stage.quantum % 20 == 5 else { return }
      let envelope = stage.genesis.envelope(client: 3, first: UInt64(stage.quantum))
      stage.submit(envelope, to: stage.victim)
    },
    Behaviour("client-floods-bad-signatures").by(nil).leavingView(false).happening { stage in
      for number in 0..<20 {
        let first = UInt64(stage.quantum * 100 + number)
        var envelope = stage.genesis.envelope(client: 3, first: first)
        envelope.signature = .unsigned
        for place in stage.replicas.indices { stage.submit(envelope, to: place) }
      }
    },
    // The same request twice in one envelope: no primary may be left for it.
    Behaviour("client-repeats-a-request").by(nil).leavingView(false).happening { stage in
      guard stage.quantum % 20 == 5 else { return }
      let once = stage.genesis.envelope(client: 3, first: UInt64(stage.quantum))
      let twice = stage.genesis.sign(once.requests + once.requests, by: 3)
      for place in stage.replicas.indices { stage.submit(twice, to: place) }
    },
    // One request in two envelopes, which wait at one moment.
    Behaviour("client-overlaps").by(nil).leavingView(false).happening { stage in
      guard stage.quantum % 20 == 5 else { return }
      for offset in 0..<2 {
        let first = UInt64(stage.quantum + offset)
        let envelope = stage.genesis.envelope(client: 3, first: first, count: 2)
        for place in stage.replicas.indices { stage.submit(envelope, to: place) }
      }
    },
    Behaviour("client-numbers-hugely").by(nil).leavingView(false).happening { stage in
      guard stage.quantum % 20 == 5 else { return }
      let envelope = stage.genesis.envelope(client: 3, first: .max - UInt64(stage.quantum))
      for place in stage.replicas.indices { stage.submit(envelope, to: place) }
    },
  ]

  static let disks = [
    Behaviour("power-fails-everywhere").by(nil).happening { stage in
      guard [45, 120, 200].contains(stage.quantum) else { return }
      for place in stage.replicas.indices { stage.fail(place, for: 10 + 3 * place) }
    },
    Behaviour("disk-forgets-everything").by(nil).happening { stage in
      guard stage.quantum == 110 else { return }
      stage.fail(stage.victim, for: 20)
      stage.replicas[stage.victim].loseJournal()
    },
    Behaviour("disk-loses-a-record").by(nil).happening { stage in
      guard stage.quantum == 110 else { return }
      stage.fail(stage.victim, for: 20)
      stage.replicas[stage.victim].loseRecord()
    },
    // Nothing tells it: until others do, it is as good as a liar.
    Behaviour("disk-put-back").happening { stage in
      guard [110, 200].contains(stage.quantum) else { return }
      stage.fail(0, for: 10)
      stage.replicas[0].putBack(by: 9)
    },
    Behaviour("disk-full-at-the-primary").by(nil).leavingView().happening { stage in
      stage.replicas[0].hasRoom(stage.quantum < 40 || stage.quantum > 200)
    },
    Behaviour("clock-jumps-an-hour-ahead").by(nil).leavingView().happening { stage in
      if stage.quantum == 60 { stage.replicas[0].jumpClock(byMilliseconds: 3_600_000) }
    },
    Behaviour("clock-jumps-an-hour-back").by(nil).leavingView().lasting(1_500).happening { stage in
      if stage.quantum == 60 { stage.replicas[0].jumpClock(byMilliseconds: -3_600_000) }
    },
  ]

  static let networks = [
    Behaviour("primary-cut-off").by(nil).leavingView().happening { isolateFirst(&$0, 40..<150) },
    Behaviour("link-one-way").by(nil).happening { stage in
      guard [30, 200].contains(stage.quantum) else { return }
      for place in stage.replicas.indices where place != stage.victim {
        if stage.quantum == 30 { stage.cut.insert([place, stage.victim]) }
      }
      if stage.quantum == 200 { stage.cut = [] }
    },
    Behaviour("link-flaps").by(nil).happening { stage in
      guard stage.quantum % 7 == 0 else { return }
      stage.cut = stage.quantum % 14 == 0 ? [[0, 1], [1, 0], [2, 0]] : []
    },
    // Prepared blocks of the first view that only one replica knows to be prepared, a shorter chain
    // of the second view that is committed, and then both before whoever begins the third.
    Behaviour("longer-chain-of-an-older-view").by(nil).leavingView().happening { stage in
      stage.followOlderChain()
    }.losing { sending, from, stage in
      switch stage.phase {
      case 1:
        // Only the victim learns that anything is prepared, and nobody hears of it.
        if from == stage.victim { return true }
        guard case .vote(let vote) = sending.message else { return false }
        return vote.kind == .commit || sending.to != stage.victim
      case 2: return from == stage.victim || sending.to == stage.victim
      // The third view hears of the victim and of those that it cannot do without.
      case 3: return min(from, sending.to) < stage.genesis.authority.faultsMax
      default: return false
      }
    },
    // Anchors of views in vain fill the window with blocks that only one above it can commit.
    Behaviour("commits-lost-for-seven-views").by(nil).leavingView().happening { stage in
      guard stage.quantum >= 40, stage.quantum % 20 == 0, stage.viewMax < 7 else { return }
      stage.loseAllPatience()
    }.losing { sending, _, _ in
      guard case .vote(let vote) = sending.message else { return false }
      return vote.kind == .commit && vote.place.view < View(7)
    },
    Behaviour("everybody-alone").by(nil).happening { stage in
      stage.isolate(Array(stage.replicas.indices), during: 60..<130)
    },
  ]
}

extension BehaviourStage {
  /// The power of a replica fails for so many quanta.
  mutating func fail(_ place: Int, for quanta: Int) {
    guard replicas[place].core != nil else { return }
    replicas[place].stop()
    restarts.append((quantum + quanta, place))
  }

  /// Cuts these off from everybody, and from each other, for a while.
  mutating func isolate(_ places: [Int], during quanta: Range<Int>) {
    if quantum == quanta.upperBound { cut = [] }
    guard quantum == quanta.lowerBound else { return }
    for place in places {
      for other in replicas.indices {
        cut.insert([place, other])
        cut.insert([other, place])
      }
    }
  }

  /// The steps of the older, longer chain.
  mutating func followOlderChain() {
    let others = replicas.indices.filter { $0 != victim }
    let heard = others.dropFirst(genesis.authority.faultsMax)
    switch phase {
    case 0 where quantum == 20: phase = 1
    case 1 where quantum == 22:
      // With two that are asked anyway: three blocks of the first view, one of the second.
      let envelope = genesis.envelope(client: 3, first: UInt64(quantum))
      for place in replicas.indices { submit(envelope, to: place) }
    case 1 where others.allSatisfy { (replicas[$0].core?.status.term.rawValue ?? 0) > 0 }: phase = 2
    case 2 where others.contains { replicas[$0].core?.committed.view == View(1) }:
      phase = 3
      loseAllPatience()
    case 3 where heard.allSatisfy { replicas[$0].core?.committed.view ?? .zero > View(1) }:
      phase = 4
    default: break
    }
  }

  /// Time passes that no message takes part in.
  mutating func loseAllPatience() {
    for place in replicas.indices {
      replicas[place].pass(microseconds: 4_000_000, wallMilliseconds: 0)
    }
  }

  /// The power of a replica fails instead of its writing this record.
  package mutating func fail(_ place: Int, atRecord record: UInt64) {
    replicas[place].failsAt = record
    isStruck = true
  }
}
