import Foundation
import Glibc
import JepsenHarness
import XCTest

/// Demos of clusters whose nodes may lie, and of one that does; all processes are real.
final class ByzantineDemoTests: ProgramTestCase {
  func test_demo_ofModeBft_servesWhoeverHasItsURL_andEndsCleanly() async throws {
    let out = folder + "/demo"
    let words = ["demo", "--mode", "bft", "--base-port", "8400", "--data", folder + "/cluster"]
    let demo = try ChildProcess(BuiltProgram.path, words, output: .file(out), errors: .file(out))
    defer { demo.signal(SIGKILL) }

    let url = try await url(in: out, of: demo)
    let put = try program.run("--url", url, "put", "users", "1", "{\"name\": \"Ada\"}")
    let get = try program.run("--url", url, "get", "users", "1")
    let status = try program.run("--url", url, "cluster", "status")
    try commandsOfAllKinds(at: url, genesis: folder + "/cluster/genesis.json")
    demo.signal(SIGTERM)

    XCTAssertEqual(put.status, .exited(0), put.errors)
    XCTAssertTrue(get.output.contains("Ada"), get.output + get.errors)
    XCTAssertEqual(status.status, .exited(0), status.errors)
    XCTAssertEqual(demo.waitForEnd(), .exited(0))
  }

  func test_demo_whenOneNodeLies_showsItsLieFromBeginningToProof() throws {
    let story = ["n4 lies: equivocate", "n4 is primary", "the liar was left", "linearizable: yes"]

    // Each part of the story has a few seconds: too few for a slow machine, but not three times.
    for number in 1...3 {
      // The picture of what clients saw is put where the demo runs.
      let place = "\(folder)/\(number)"
      try Folder.make(place)
      let line = "cd \(place) && exec \(BuiltProgram.path) demo --byzantine --base-port 8450"
      let ending = try program.start("/bin/sh", ["-c", line])

      XCTAssertFalse(ending.errors.contains("not_linearizable"), ending.output + ending.errors)
      let missing = story.filter { !ending.output.contains($0) }
      guard ending.status != .exited(0) || !missing.isEmpty else { return }
      guard number == 3 else { continue }
      XCTAssertEqual(ending.status, .exited(0), ending.output + ending.errors)
      XCTAssertEqual(missing, [], ending.output)
    }
  }

  func test_demo_whenItsModeHasNoSuchSize_saysWhichThereAre() throws {
    let cases = [(["--mode", "bft", "--nodes", "3"], "4, 7"), (["--nodes", "4"], "3, 5, 7")]

    for (words, sizes) in cases {
      let ending = try program.run(["demo"] + words)

      XCTAssertEqual(ending.status, .exited(2))
      XCTAssertTrue(ending.errors.contains("has one of \(sizes)"), ending.errors)
    }
  }

  /// Each works with the URL alone.
  private func commandsOfAllKinds(at url: String, genesis: String) throws {
    let (documents, receipt, backup) = (folder + "/in", folder + "/receipt", folder + "/backup")
    try (1...40).map { "{\"_id\":\($0)}\n" }.joined()
      .write(toFile: documents, atomically: true, encoding: .utf8)
    let orders = [
      ["bench", "put", "--duration", "1s", "--keys", "100", "-o", "json"],
      ["import", documents, "things"], ["count", "things"], ["export", "things"],
      ["kv", "put", "k", "v", "--receipt", receipt],
      ["receipt", "verify", receipt, "--genesis", genesis],
      ["backup", "create", backup], ["backup", "verify", backup],
      ["debug", "bundle", "--out", folder + "/bundle"],
      ["history", "run", "--duration", "1s"],
      ["cluster", "transfer-leader"],
    ]
    for order in orders {
      let ending = try program.run(["--url", url] + order)

      XCTAssertEqual(ending.status, .exited(0), "\(order): \(ending.output) \(ending.errors)")
      if order[0] == "bench" { XCTAssertTrue(ending.output.contains("envelope"), ending.output) }
      if order[0] == "export" {
        XCTAssertEqual(ending.output.split(separator: "\n").count, 40, ending.errors)
      }
    }
  }

  private func url(in file: String, of demo: ChildProcess) async throws -> String {
    for _ in 0..<2_400 where demo.endIfAny() == nil {
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ready url=") }) {
        return String(line.dropFirst("ready url=".count))
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    let said = try String(contentsOfFile: file, encoding: .utf8)
    return try XCTUnwrap(nil, "no url: \(said)")
  }
}
