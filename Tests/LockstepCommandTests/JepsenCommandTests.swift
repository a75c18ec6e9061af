import Foundation
import Genesis
import JepsenHarness
import XCTest

/// The words that `lockstep-jepsen` takes, and those that it refuses before anything begins.
final class JepsenCommandTests: ProgramTestCase {
  private func run(_ words: String) throws -> BuiltProgram.Ending {
    let place = URL(fileURLWithPath: BuiltProgram.path).deletingLastPathComponent()
    return try program.start(
      place.appendingPathComponent("lockstep-jepsen").path,
      words.split(separator: " ").map(String.init)
    )
  }

  func test_words_whenTheyCannotBeMeant_areRefusedByName() throws {
    // Nothing begins, even if it is let through: the folder exists, or the time is too short.
    let out = "--out \(folder)"
    let table = [
      ("run --nodes 8 \(out)", "--nodes: 8 is not within 1 and 7"),
      ("run --seconds 30 --minutes 1 \(out)", "either --seconds or --minutes"),
      ("run --timeout 3x \(out)", "--timeout: '3x' is no time in whole milliseconds"),
      ("run --timeout 2h \(out)", "--timeout: 7200000 is not within 50 and 600000"),
      ("run --quiet 1500ms \(out)", "--quiet: '1500ms' is no time in whole seconds"),
      ("run --timeout 500ms --quiet 1m \(out)", "--out: \(folder) exists already"),
      ("run --timeout 3000 --quiet 10 \(out)", "--out: \(folder) exists already"),
      ("run --seconds 30 \(out)", "--out: \(folder) exists already"),
      ("campaign --nodes 3,50 --minutes 1", "--nodes: '50' is no size from 1 to 7"),
      ("campaign --nodes 3,x --minutes 1", "--nodes: 'x' is no size from 1 to 7"),
      ("campaign --mode bft --nodes 5", "--nodes: a cluster of mode bft has 4 or 7 nodes"),
      ("campaign --mode bft --nodes 4 --combination bad-network", "--nemesis: no link-loss in"),
      ("run --seed 1 --liar slow,forged", "--liar: of 4 nodes 1 may lie, not 2"),
      ("run --seed 1 --nodes 7 --liar a,b,c", "--liar: of 7 nodes 2 may lie, not 3"),
      ("campaign --nodes 3 \(out)", "--out: \(folder) exists already"),
    ]

    for (words, error) in table {
      let end = try run(words)
      XCTAssertEqual(end.status, .exited(2), words)
      XCTAssertTrue(end.errors.contains("error: " + error), "\(words): \(end.errors)")
    }
  }

  func test_help_whenAsked_saysWhichHistoriesCanBeJudgedAgain() throws {
    let help = try run("run --help").output

    XCTAssertTrue(
      help.contains("register, cas-register, kv, set, append, list-append, documents. "),
      help
    )
    XCTAssertTrue(help.contains("unique-ids, counter, consistency, sessions only this"), help)
  }

  func test_nodes_whenCounted_areAsManyAsAGenesisFileTakes() {
    XCTAssertEqual(ProcessCluster.nodesMax, Genesis.seatsMax)
  }
}
