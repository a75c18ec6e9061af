import Foundation
import Glibc
import XCTest

@testable import JepsenHarness

final class NemesisTests: XCTestCase {
  /// A cluster whose nodes are a shell script in the program's place.
  @MainActor
  private func cluster() throws -> ProcessCluster {
    let folder = try Folder.makeTemporary("lockstep-test")
    let program = folder + "/program"
    let script = "#!/bin/sh\nif [ \"$2\" = start ]; then exec tail -f /dev/null; fi\n"
    try script.write(toFile: program, atomically: true, encoding: .utf8)
    XCTAssertEqual(chmod(program, 0o755), 0)
    return try ProcessCluster(
      ProcessCluster.Plan(binary: program, nodesCount: 3, basePort: 1, folder: folder + "/c")
    )
  }

  @MainActor
  private func remove(_ cluster: ProcessCluster) {
    cluster.stopAll()
    Folder.remove(String(cluster.plan.folder.dropLast(2)))
  }

  @MainActor
  private func states(_ cluster: ProcessCluster) -> [ProcessCluster.NodeState] {
    (1...3).map { cluster.state(of: $0) }
  }

  /// One that was set aside with a refused directory kept a node's disk full for ever.
  @MainActor
  func test_disk_whenItIsNotFullAnyMore_holdsNoFillerUnderAnyName() throws {
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    let names = ["boot", "filler", "refused-2-filler"]
    for name in names { try Folder.write("", to: folder + "/" + name) }

    Nemesis.removeFillers(in: folder)

    XCTAssertEqual(Folder.names(in: folder), ["boot"])
  }

  @MainActor
  func test_nemesis_whenFaultsOverlap_bringsANodeBackWithTheLast() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    try cluster.startAll()
    let nemesis = Nemesis(cluster: cluster)
    let one = FaultOrder(lasts: 1, .kill, targets: [2])
    let all = FaultOrder(lasts: 1, .powerLoss, targets: [1, 2, 3])

    _ = try await nemesis.begin(one)
    XCTAssertEqual(states(cluster), [.running, .down, .running])
    _ = try await nemesis.begin(all)
    XCTAssertEqual(states(cluster), [.down, .down, .down])
    _ = try await nemesis.end(all)
    XCTAssertEqual(states(cluster), [.running, .down, .running])
    _ = try await nemesis.end(one)

    XCTAssertEqual(states(cluster), [.running, .running, .running])
  }

  @MainActor
  func test_nemesis_whenCallsWereUnderWay_saysThatTheFaultWasFelt() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    try cluster.startAll()
    let nemesis = Nemesis(cluster: cluster)
    let order = FaultOrder(lasts: 1, .pause, targets: [3])

    let idle = try await nemesis.begin(order)
    XCTAssertEqual(cluster.state(of: 3), .paused)
    nemesis.callsUnderWay = { 5 }
    let ended = try await nemesis.end(order)

    XCTAssertFalse(idle.wasFelt)
    XCTAssertEqual(ended?.feltCount, 5)
    XCTAssertEqual(ended?.targets, [3])
    XCTAssertNotNil(ended?.to)
    XCTAssertEqual(cluster.state(of: 3), .running)
    let again = try await nemesis.end(order)
    XCTAssertNil(again, "what has ended does not end again")
  }

  /// What lasts until the run's end ends there, and only then is known what it came to.
  @MainActor
  func test_nemesis_whenEverythingHeals_tellsWhatTheRestCameTo() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    try cluster.startAll()
    let nemesis = Nemesis(cluster: cluster)
    _ = try await nemesis.begin(FaultOrder(lasts: 100, .pause, targets: [3]))
    nemesis.callsUnderWay = { 5 }
    var told: [FaultEffect] = []

    try await nemesis.healAll { told.append($0) }

    XCTAssertEqual(told.map(\.feltCount), [5])
    XCTAssertNotNil(told.first?.to)
  }

  @MainActor
  func test_nemesis_whenAFaultDoesNotHappen_itIsNotFelt_whateverWasUnderWay() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    try cluster.startAll()
    let nemesis = Nemesis(cluster: cluster)
    nemesis.callsUnderWay = { 5 }
    let first = try await nemesis.begin(FaultOrder(lasts: 1, .kill, targets: [2]))
    let orders = [
      FaultOrder(at: 1, lasts: 1, .kill, targets: [2]),
      FaultOrder(lasts: 1, .pause, targets: [2]),
      FaultOrder(lasts: 1, .diskSlow, targets: [2], amount: 1),
      FaultOrder(lasts: 1, .transferLeader, targets: [1]),
      FaultOrder(lasts: 1, .fileCorrupt, targets: [1], amount: 1),
      FaultOrder(lasts: 1, .restartStorm, targets: [2]),
      FaultOrder(lasts: 1, .rollingRestart, targets: [2]),
    ]

    XCTAssertEqual(first.feltCount, 5)
    for order in orders where order.kind != .diskSlow || Folder.exists("/usr/bin/strace") {
      _ = try await nemesis.begin(order)
      let end = try await nemesis.end(order)
      XCTAssertEqual(end?.feltCount, 0, "\(order.kind)")
      XCTAssertEqual(end?.targets, [], "\(order.kind)")
    }
    let both = try await nemesis.begin(FaultOrder(lasts: 1, .powerLoss, targets: [1, 2, 3]))
    XCTAssertEqual(both.targets, [1, 3])
    XCTAssertEqual(both.feltCount, 5)
  }

  @MainActor
  func test_fullDisk_whenTheNodeHasNotComplained_wasNotFelt() throws {
    let log = try Folder.makeTemporary("lockstep-test") + "/n1.log"
    defer { Folder.remove(String(log.dropLast("/n1.log".count))) }
    try Folder.write("12:00 info server.started", to: log)

    XCTAssertEqual(Nemesis.complaints(in: log), 0)
    try Folder.write("12:00 warning journal.disk.full\nerror: no room (disk_full)", to: log)
    XCTAssertEqual(Nemesis.complaints(in: log), 2)
    XCTAssertEqual(Nemesis.complaints(in: log + "x"), 0)
  }

  @MainActor
  func test_watch_whenFaultsOverlap_countsTheSnapshotsFromTheFirstToTheLast() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    func say(_ text: String) throws { try Folder.write(text, to: cluster.log(of: 1)) }
    let watch = FaultWatch(
      Nemesis(cluster: cluster),
      try HistoryRecorder(cluster.plan.folder + "/history")
    )
    func effect(_ kind: FaultKind, _ from: Int, _ to: Int?) -> FaultEffect {
      FaultEffect(kind: kind, targets: [1], from: from, to: to, feltCount: 1, words: "")
    }
    let taken = "snapshot.taken index=1\n"

    try say(taken)
    watch.note(effect(.kill, 1, nil))
    try say(taken + taken + "snapshot.received index=9")
    watch.note(effect(.pause, 2, nil))
    watch.note(effect(.kill, 1, 3))
    try say(taken + taken + "snapshot.received index=9\n" + taken)
    watch.note(effect(.pause, 2, 4))
    try say(taken + taken + "snapshot.received index=9\n" + taken + taken + taken)

    XCTAssertEqual(watch.snapshotsAmidFaults, SnapshotCounts(taken: 2, received: 1))
    watch.note(effect(.kill, 5, nil))
    try say(taken + taken + taken + taken + taken + taken + "snapshot.received index=9\n")
    await watch.end()
    XCTAssertEqual(watch.snapshotsAmidFaults, SnapshotCounts(taken: 3, received: 1))
  }

  @MainActor
  func test_nemesis_whenEverythingIsHealed_allNodesRun_whateverWasBroken() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    try cluster.startAll()
    let nemesis = Nemesis(cluster: cluster)

    for order in [
      FaultOrder(lasts: 9_000, .pauseLeader),
      FaultOrder(lasts: 9_000, .restartStorm, targets: [1]),
      FaultOrder(lasts: 9_000, .rollingRestart, targets: [3, 2, 1]),
      FaultOrder(lasts: 9_000, .killMajority, targets: [2, 3]),
      FaultOrder(lasts: 9_000, .transferLeader, targets: [2]),
    ] { _ = try await nemesis.begin(order) }
    try cluster.kill(1)
    try await nemesis.healAll()

    XCTAssertEqual(states(cluster), [.running, .running, .running])
    XCTAssertEqual(nemesis.effects, [])
  }

  @MainActor
  func test_nemesis_whenLinksAreCutTwice_mendsThemWithTheLast() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    let network = ToyNetwork()
    let nemesis = Nemesis(cluster: cluster, network: network)
    let halves = FaultOrder(lasts: 1, .partitionHalves, targets: [1, 2, 3])
    let alone = FaultOrder(lasts: 1, .partitionOneWay, targets: [1, 2, 3])
    let loss = FaultOrder(lasts: 1, .linkLoss, targets: [1], amount: 7)

    _ = try await nemesis.begin(halves)
    _ = try await nemesis.begin(alone)
    _ = try await nemesis.begin(loss)
    _ = try await nemesis.end(halves)
    XCTAssertEqual(network.cut, [Link(from: 1, to: 2), Link(from: 1, to: 3)])
    let felt = try await nemesis.end(alone)
    XCTAssertEqual(network.cut, [])
    XCTAssertEqual(network.faults[Link(from: 2, to: 1)]?.lossPercent, 7)
    XCTAssertNil(network.faults[Link(from: 2, to: 3)]?.lossPercent)
    let lost = try await nemesis.end(loss)

    XCTAssertEqual(network.faults[Link(from: 2, to: 1)], LinkFaults())
    XCTAssertTrue(felt?.wasFelt ?? false)
    XCTAssertEqual(lost?.feltCount, 0, "frames were held, and none was lost")
  }

  @MainActor
  func test_nemesis_whenLinksFlapAndSwizzle_leavesNoneCut() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    let network = ToyNetwork()
    let nemesis = Nemesis(cluster: cluster, network: network)

    for kind in [FaultKind.partitionFlapping, .partitionSwizzle] {
      let order = FaultOrder(lasts: 9_000, kind, targets: [3, 1, 2])
      _ = try await nemesis.begin(order)
      while network.cut.isEmpty { await Task.yield() }
      _ = try await nemesis.end(order)

      XCTAssertEqual(network.cut, [], "\(kind)")
    }
  }

  @MainActor
  func test_nemesis_whenItCannot_saysWhatAndWhy() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    let nemesis = Nemesis(cluster: cluster)

    do {
      _ = try await nemesis.begin(FaultOrder(lasts: 1, .partitionHalves, targets: [1, 2, 3]))
      XCTFail("there is no network to cut")
    } catch {
      XCTAssertTrue("\(error)".hasPrefix("no partition-halves: "), "\(error)")
    }
  }

  @MainActor
  func test_smallDisks_whenTheyAreTakenAway_leaveWhatTheyHold() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    for node in 1...3 { try Folder.make(cluster.dataFolder(of: node)) }
    let nemesis = Nemesis(cluster: cluster)
    let file = cluster.dataFolder(of: 2) + "/journal"
    do throws(HarnessError) {
      try await nemesis.prepare(for: [.diskFull])
    } catch {
      nemesis.remove()
      throw XCTSkip("no small disk can be mounted here: \(error)")
    }

    try Data("what a node has stored".utf8).write(to: URL(fileURLWithPath: file))
    nemesis.remove()

    XCTAssertEqual(Folder.text(of: file), "what a node has stored")
  }

  @MainActor
  func test_conductor_whenAPlanIsOver_hasBegunAndEndedEachOrder() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    try cluster.startAll()
    let plan = FaultPlan(seed: 1, kinds: [.kill, .pause], nodes: 3, seconds: 1)
    let conductor = FaultConductor(plan, Nemesis(cluster: cluster))
    var heard: [FaultEffect] = []
    conductor.tell = { heard.append($0) }

    try await conductor.run()

    XCTAssertEqual(heard.count { $0.to == nil }, plan.orders.count)
    XCTAssertEqual(heard.count { $0.to != nil }, plan.orders.count)
    XCTAssertEqual(states(cluster), [.running, .running, .running])
  }

  @MainActor
  func test_nemesis_whenNodesAreParted_cutsTheLinksBetweenSidesUntilHealed() async throws {
    let cluster = try cluster()
    defer { remove(cluster) }
    let network = NotedNetwork()
    let nemesis = Nemesis(cluster: cluster, network: network)

    try nemesis.part([[1], [3, 2]])

    XCTAssertEqual(
      network.cut,
      [Link(from: 1, to: 2), .init(from: 2, to: 1), .init(from: 1, to: 3), .init(from: 3, to: 1)]
    )
    try await nemesis.healAll()
    XCTAssertEqual(network.cut, [])
  }
}

/// A network that only knows which links were cut.
@MainActor
private final class NotedNetwork: ClusterNetwork {
  private(set) var cut: Set<Link> = []

  var hasAccidents: Bool { false }

  func use(_ faults: LinkFaults, on link: Link) {
    if faults.isCut { cut.insert(link) } else { cut.remove(link) }
  }

  func counts(of link: Link) -> LinkCounts { LinkCounts() }
  func startWords(of node: Int) -> [String] { [] }
  func prefix(of node: Int) -> [String] { [] }
  func remove() {}
}

/// A network that only notes what it is told; each answer says that one frame more was held.
@MainActor
private final class ToyNetwork: ClusterNetwork {
  private(set) var faults: [Link: LinkFaults] = [:]
  private var asked = 0

  var cut: Set<Link> { Set(faults.filter(\.value.isCut).keys) }
  var hasAccidents: Bool { true }

  func use(_ faults: LinkFaults, on link: Link) throws(HarnessError) {
    self.faults[link] = faults
  }

  func counts(of link: Link) -> LinkCounts {
    asked += 1
    var counts = LinkCounts()
    counts.held = asked
    return counts
  }

  func startWords(of node: Int) -> [String] { [] }
  func prefix(of node: Int) -> [String] { [] }
  func remove() {}
}
