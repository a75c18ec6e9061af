import XCTest

@testable import JepsenHarness

final class RecoveryCheckTests: XCTestCase {
  private func view(
    _ id: Int,
    _ role: String,
    term: UInt64 = 3,
    applied: UInt64 = 100,
    state: String? = "sound"
  ) -> NodeView {
    NodeView(
      id: id,
      pid: 1,
      role: role,
      state: state,
      address: "",
      term: term,
      commit: role == "leader" ? 100 : applied,
      applied: applied
    )
  }

  func test_check_whenANodeIsNotWhole_saysWhich() {
    let leader = view(1, "leader")
    let table: [(String, NodeView, String?)] = [
      ("whole", view(2, "follower"), nil),
      ("further", view(2, "follower", applied: 101), nil),
      (
        "an entry behind", view(2, "follower", applied: 99),
        "n2 is behind: it has applied 99 of 100"
      ),
      ("another term", view(2, "follower", term: 2), "n2 is in another term"),
      ("fenced", view(2, "follower", state: "fenced"), "n2 is fenced"),
      ("down", view(2, "down", state: nil), "n2 is down"),
    ]

    for (name, node, expected) in table {
      var check = RecoveryCheck(.raft)
      XCTAssertEqual(check.problem(in: [leader, node]), expected, name)
    }
    var check = RecoveryCheck(.raft)
    XCTAssertEqual(check.problem(in: [view(2, "follower")]), "no node leads")
    XCTAssertEqual(check.problem(in: [view(1, "leader", state: "fenced")]), "n1 is fenced")
  }

  func test_check_whenTwoLead_isNotWhole() {
    let views = [view(1, "leader", term: 4), view(2, "leader"), view(3, "follower", term: 4)]
    var (raft, bft) = (RecoveryCheck(.raft), RecoveryCheck(.bft))

    XCTAssertEqual(raft.problem(in: views), "n2 leads beside n1")
    XCTAssertNil(bft.problem(in: views))
  }

  func test_sights_whenTwoLeadInOneTerm_sayWhich() {
    var sights = LeaderSights()
    sights.note([view(1, "leader"), view(2, "follower")], at: 10)
    sights.note([view(1, "leader"), view(2, "leader", term: 4)], at: 20)
    XCTAssertNil(sights.problem)

    var besideALiar = sights
    besideALiar.note([view(3, "leader")], at: 30, liars: [3])
    sights.note([view(3, "leader")], at: 30)

    XCTAssertNil(besideALiar.problem)
    XCTAssertEqual(sights.problem, "n1 and n3 both led in term 3")
    XCTAssertEqual(sights.sights.map(\.term), [3, 4])
  }

  func test_check_whenClientsGoOn_wantsWhatWasCommittedAtFirst() {
    var check = RecoveryCheck(.raft)
    let late = view(2, "follower", applied: 99)
    XCTAssertNotNil(check.problem(in: [view(1, "leader"), late]))
    let leader = NodeView(
      id: 1,
      pid: 1,
      role: "leader",
      state: "sound",
      address: "",
      term: 3,
      commit: 900,
      applied: 900
    )

    XCTAssertNil(check.problem(in: [leader, view(2, "follower", applied: 100)]))
  }
}
