import ClientProtocol
import XCTest

@testable import LockstepClient
@testable import LockstepCommand

final class ClusterTableTests: XCTestCase {
  /// A liar is to be seen, not to end who looks.
  func test_fields_whenANodeSaysAnything_areShown() {
    var status = NodeStatus(id: 4, processID: .max, role: .leader, term: .max)
    status.commitIndex = .max
    status.appliedIndex = .max
    status.lastIndex = .max
    status.firstIndex = .max
    status.snapshotIndex = .max
    status.diskBytes = .max
    status.uptimeMilliseconds = .max
    var byzantine = NodeStatus.Byzantine(view: .max, primary: .max, isActive: true)
    byzantine.lowWatermark = .max
    byzantine.highWatermark = .max
    byzantine.committedBlock = .max
    byzantine.tipBlock = .max
    byzantine.suspectingMilliseconds = .max
    status.byzantine = byzantine

    let shown = ClusterStatus([("h:1", .success(status))]).nodes.map { ClusterTable.fields(of: $0) }

    XCTAssertEqual(shown.count, 1)
    XCTAssertTrue(JSONValue.object(shown[0]).json.contains("\"term\":9223372036854775807"))
  }
}
