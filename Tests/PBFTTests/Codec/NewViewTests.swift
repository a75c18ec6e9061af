import Consensus
import XCTest

@testable import PBFT

/// Steps 1 to 6 of the new-view check.
final class NewViewTests: XCTestCase {
  private let forge = Forge()

  func test_newView_whenAStepFails_saysWhich() {
    let one = forge.block(0)
    let rival = forge.block(0, body: [forge.envelope(text: "b")])
    let later = forge.block(1, newView: newView(of: changes()))
    var bySomebodyElse = newView(of: changes())
    bySomebodyElse.replica = ReplicaNumber(2)
    var badStable = forge.stable(one.header)
    badStable.stateRoot = .zero
    let cases: [(String, NewView, NewViewFault)] = [
      ("1 sender", bySomebodyElse, .notByPrimary),
      ("2 few", newView(of: Array(changes().prefix(2))), .notAQuorum),
      ("2 many", newView(of: changes() + [forge.viewChange(to: 1, by: 3)]), .notAQuorum),
      ("2 twice", newView(of: [changes()[0], changes()[0], changes()[1]]), .notAQuorum),
      ("2 order", newView(of: changes().reversed()), .notAQuorum),
      ("2 view", newView(of: changes(last: forge.viewChange(to: 2, by: 2))), foreign),
      ("2 signature", newView(of: changes(last: unsigned())), foreign),
      (
        "3", newView(of: changes(last: forge.viewChange(to: 1, by: 2, stable: badStable))),
        .badStable(ReplicaNumber(2))
      ),
      ("4 few", newView(of: changes(high: forge.prepared(one.header, by: [1]))), badHigh),
      ("4 late", newView(of: changes(high: forge.prepared(later.header))), badHigh),
      (
        "5",
        newView(of: [
          forge.viewChange(to: 1, by: 0, high: forge.prepared(one.header)),
          forge.viewChange(to: 1, by: 1, high: forge.prepared(rival.header)),
          forge.viewChange(to: 1, by: 2),
        ]),
        .highestDiffer
      ),
    ]

    XCTAssertNil(forge.authority.fault(in: newView(of: changes())))
    for (name, newView, fault) in cases {
      XCTAssertEqual(forge.authority.fault(in: newView), fault, name)
    }
  }

  func test_base_whenCertificatesCompete_goesByViewFirst() {
    let first = forge.block(0)
    let second = forge.block(0, after: first.header, body: [forge.envelope(first: 2)])
    let anchor = forge.block(1, newView: newView(of: changes()))
    let changes = [
      forge.viewChange(to: 2, by: 0, high: forge.prepared(second.header)),
      forge.viewChange(to: 2, by: 1, high: forge.prepared(anchor.header)),
      forge.viewChange(to: 2, by: 3),
    ]

    XCTAssertEqual(forge.newView(2, of: changes).base.header, anchor.header)
  }

  func test_base_whenACheckpointIsNewer_isItsBlock() {
    let first = forge.block(0)
    let second = forge.block(0, after: first.header, body: [forge.envelope(first: 2)])
    let changes = [
      forge.viewChange(to: 1, by: 0, high: forge.prepared(first.header)),
      forge.viewChange(to: 1, by: 1, stable: forge.stable(second.header)),
      forge.viewChange(to: 1, by: 2),
    ]

    XCTAssertEqual(newView(of: changes).base.header, second.header)
    XCTAssertEqual(newView(of: self.changes()).base.header, .genesis)
  }

  private var foreign: NewViewFault { .foreignViewChange(ReplicaNumber(2)) }
  private var badHigh: NewViewFault { .badHigh(ReplicaNumber(2)) }

  private func unsigned() -> ViewChange {
    var change = forge.viewChange(to: 1, by: 2)
    change.counter += 1
    return change
  }

  private func changes(high: PreparedCertificate) -> [ViewChange] {
    changes(last: forge.viewChange(to: 1, by: 2, high: high))
  }

  private func changes(last: ViewChange? = nil) -> [ViewChange] {
    [
      forge.viewChange(to: 1, by: 0), forge.viewChange(to: 1, by: 1),
      last ?? forge.viewChange(to: 1, by: 2),
    ]
  }

  private func newView(of changes: [ViewChange]) -> NewView {
    forge.newView(1, of: changes)
  }
}
