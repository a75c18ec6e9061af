import XCTest

/// What a node's log says is promised by `docs/logging.md`.
final class LogTests: TidyTestCase {
  func test_events_whenLookedThrough_areThoseOfTheDocument() {
    let named = Repository.sources.filter { $0.room == "Server" }.flatMap(\.lines)
      .flatMap { $0.matches(of: #/"([a-z]+(?:\.[a-z]+)+)"/#).map { String($0.output.1) } }
    let told = Repository.text(of: "docs/logging.md").split(separator: "\n")
      .filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|")[0] }
      .flatMap { $0.matches(of: #/`([a-z]+(?:\.[a-z]+)+)`/#).map { String($0.output.1) } }

    XCTAssertEqual(Set(named).sorted(), Set(told).sorted())
    XCTAssertTrue(named.contains("server.started"))
  }
}
