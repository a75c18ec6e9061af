import Foundation
import JepsenHarness
import XCTest

/// `lockstep cluster member …` carried out by a real cluster.
final class LiveMemberTests: LiveProgramTestCase {
  @MainActor
  func test_members_asTheyAreAddedPromotedMovedReplacedAndRemoved_areShownSo() async throws {
    let second = "127.0.0.1:8641/8643"
    let unmade = ["--incarnation", "00000000000000ab", "--held"]
    try await withNode(at: 8_630) { ask, url in
      let data = self.folder + "/second"
      let init2 = ["server", "init", "--join", url, "--id", "2", "--held", "--listen", second]
      self.expect(try ask(init2 + ["--data", data]))
      let node = try ChildProcess(
        BuiltProgram.path,
        ["server", "start", "--data", data],
        output: .file(data + ".log"),
        errors: .file(data + ".log")
      )
      defer { node.signal(SIGKILL) }
      XCTAssertEqual(try self.rows(ask), ["1 voter 8631/8632", "2 learner 8641/8643"])

      // Refused until it has caught up.
      try await self.wait("the learner to vote") {
        try ask(["cluster", "member", "promote", "2"]).status == .exited(0)
      }
      XCTAssertEqual(try self.rows(ask), ["1 voter 8631/8632", "2 voter 8641/8643"])

      self.expect(try ask(["cluster", "member", "add", "4", "127.0.0.1:8651"] + unmade))
      XCTAssertEqual(try self.rows(ask).last, "4 learner 8651/8652")
      self.expect(try ask(["cluster", "member", "cancel", "4"]))
      self.expect(try ask(["cluster", "member", "replace", "2", "5", "127.0.0.1:8661"] + unmade))
      XCTAssertEqual(try self.rows(ask).last, "5 learner 8661/8662 replaces 2")
      self.expect(try ask(["cluster", "member", "cancel", "5"]))

      // Clients are sent elsewhere; the members stay as they are.
      self.expect(try ask(["cluster", "member", "update", "2", "127.0.0.1:8671/8643"]))
      XCTAssertEqual(try self.rows(ask), ["1 voter 8631/8632", "2 voter 8671/8643"])
      self.expect(try ask(["cluster", "member", "remove", "2"]))
      XCTAssertEqual(try self.rows(ask), ["1 voter 8631/8632"])
    }
  }

  private func expect(_ ending: BuiltProgram.Ending, line: UInt = #line) {
    XCTAssertEqual(ending.status, .exited(0), ending.errors, line: line)
  }

  /// The members: number, seat, the ports for clients and members, whose place it takes.
  @MainActor
  private func rows(_ ask: Ask) throws -> [String] {
    struct Answer: Decodable { let members: [Row] }
    struct Row: Decodable {
      let id: Int
      let seat, address, peerAddress: String
      let replaces: Int?

      var words: String {
        let ports = [address, peerAddress].map { $0.split(separator: ":").last ?? "" }
        let place = replaces.map { " replaces \($0)" } ?? ""
        return "\(id) \(seat) \(ports.joined(separator: "/"))\(place)"
      }
    }
    let output = try ask(["cluster", "member", "ls", "-o", "json"]).output
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Answer.self, from: Data(output.utf8)).members.map(\.words)
  }
}
