import Foundation
import Storage
import XCTest

/// Power cuts after every disk call of writing, receiving and pruning snapshots, with every subset
/// of what was not synced (P1, D1, D2, D18).
final class SnapshotPowerCutTests: XCTestCase {
  private let isExhaustive =
    ProcessInfo.processInfo.environment["LOCKSTEP_EXHAUSTIVE"] != nil
  private var numbers = SeededNumbers(3)

  func test_D1_D2_D18_store_whenPowerIsCutAfterAnyDiskCall_keepsWhatWasFinished() throws {
    let whole = CrashDisk()
    var run = try SnapshotRun()
    try run.live(on: whole)
    var cuts = 0

    for cut in 0...whole.calls {
      let disk = CrashDisk()
      disk.cutAfter = cut
      var run = try SnapshotRun()
      _ = storageError { try run.live(on: disk) }
      for survives in survivals(of: disk.pendingCount) {
        cuts += 1
        let wrong = run.judge(disk.afterPowerCut { survives[$0] })
        XCTAssertNil(wrong, "after call \(cut), surviving \(survives)")
      }
      disk.cutAfter = .max
      XCTAssertNil(run.judge(disk), "killed after call \(cut)")
    }

    print("power cuts judged: \(cuts) after \(whole.calls) calls")
    XCTAssertGreaterThan(whole.calls, 60)
  }

  func test_P1_store_whenPowerIsCutDuringTheOpeningToo_keepsWhatWasFinished() throws {
    let whole = CrashDisk()
    var run = try SnapshotRun()
    try run.live(on: whole)

    for cut in 0...whole.calls {
      let disk = CrashDisk()
      disk.cutAfter = cut
      var run = try SnapshotRun()
      _ = storageError { try run.live(on: disk) }
      let first = randomSurvival(of: disk.pendingCount)
      for second in 0..<4 {
        let crashed = disk.afterPowerCut { first[$0] }
        crashed.cutAfter = second
        _ = storageError { try SnapshotStore.open(on: crashed, cluster: clusterTag) }
        let survives = randomSurvival(of: crashed.pendingCount)
        XCTAssertNil(
          run.judge(crashed.afterPowerCut { survives[$0] }),
          "after call \(cut), then call \(second) of the opening"
        )
      }
    }
  }

  /// Which of `count` unsynced things survive: nothing, everything, and others.
  private func survivals(of count: Int) -> [[Bool]] {
    var all = [[Bool](repeating: false, count: count)]
    guard count > 0 else { return all }
    if count <= (isExhaustive ? 10 : 4) {
      return (0..<(1 << count)).map { mask in (0..<count).map { mask >> $0 & 1 == 1 } }
    }
    all.append([Bool](repeating: true, count: count))
    for _ in 0..<(isExhaustive ? 1000 : 10) { all.append(randomSurvival(of: count)) }
    return all
  }

  private func randomSurvival(of count: Int) -> [Bool] {
    let odds = 1 + numbers.next(below: 9)
    return (0..<count).map { _ in numbers.next(below: 10) < odds }
  }
}

/// A life of a store: snapshots written, received, given up and pruned, with what was promised.
struct SnapshotRun {
  /// The newest snapshot that was said to be finished.
  private(set) var promised: UInt64?
  private let received: [[SnapshotPart]]

  private static func fixture(_ index: UInt64) -> SnapshotFixture { SnapshotFixture(index: index) }

  init() throws {
    received = [try Self.fixture(40).parts(), try Self.fixture(50).parts()]
  }

  mutating func live(on disk: CrashDisk) throws {
    var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    for index in [10, 20, 30] as [UInt64] {
      try Self.fixture(index).write(to: &store)
      promised = index
      while try store.prune() {}
    }
    try Self.fixture(40).receive(received[0], into: &store)
    promised = 40
    while try store.prune() {}
    var abandoned = try store.begin(index: 45, term: 5, head: [])
    try abandoned.append([1, 2, 3])
    try abandoned.abandon()
    // The same once more, received over the file that stands there.
    try Self.fixture(40).receive(received[0], into: &store)
    var receiver = try store.receive(index: 50)
    for part in received[1].dropLast() { try receiver.receive(part) }
    try receiver.abandon()
    store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    try Self.fixture(50).receive(received[1], into: &store)
    promised = 50
    while try store.prune() {}
  }

  /// Opens what a power cut left; says what is wrong with it, or nil (W6).
  func judge(_ disk: CrashDisk) -> String? {
    do {
      var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
      guard store.damaged.isEmpty else { return "damaged: \(store.damaged)" }
      guard store.newest?.index ?? 0 >= promised ?? 0 else {
        return "newest is \(store.newest as Any), promised was \(promised as Any)"
      }
      for snapshot in store.snapshots {
        if let wrong = try Self.fixture(snapshot.index).judge(store) {
          return "\(snapshot.index): \(wrong)"
        }
      }
      guard disk.contents.count == store.snapshots.count else { return "files are left over" }
      try Self.fixture(60).write(to: &store)
      while try store.prune() {}
      let after = try SnapshotStore.open(
        on: disk.afterPowerCut { _ in false },
        cluster: clusterTag
      )
      return after.snapshots == store.snapshots ? nil : "writing after the cut went wrong"
    } catch {
      return "\(error)"
    }
  }
}
