import Foundation
import JepsenHarness
import XCTest

/// Commands that write to a cluster, here of one real node.
final class LiveCommandTests: LiveProgramTestCase {
  @MainActor
  func test_key_whenItIsNotUTF8_isShownAndNamedInBase64() async throws {
    try await withNode(at: 8_530) { ask, url in
      for key in ["//8=", "/w=="] {
        XCTAssertEqual(try ask(["kv", "put", key, "v", "--key-base64"]).status, .exited(0))
      }
      let line = "printf 'a\\377' | \(BuiltProgram.path) --url \(url) kv put plain"
      _ = try program.start("/bin/sh", ["-c", line])

      let range = try ask(["kv", "range", "-o", "ndjson"]).output.split(separator: "\n")
      let got = try ask(["kv", "get", "plain", "-o", "json"]).output
      let deleted = try ask(["kv", "del", "/w==", "--key-base64"])
      let wrong = try ask(["kv", "get", "a", "--key-base64"])

      XCTAssertTrue(range.contains { $0.hasPrefix("{\"key_base64\":\"/w==\",") }, "\(range)")
      XCTAssertTrue(range.contains { $0.hasPrefix("{\"key_base64\":\"//8=\",") }, "\(range)")
      XCTAssertTrue(got.contains("\"value_base64\":\"Yf8=\""), got)
      XCTAssertEqual(deleted.status, .exited(0), deleted.errors)
      XCTAssertEqual(wrong.status, .exited(2), wrong.errors)
      let rest = try ask(["kv", "range", "--prefix", "/w==", "--key-base64"]).output
      XCTAssertEqual(rest.split(separator: "\n").count, 1, "the key //8= alone: \(rest)")
    }
  }

  @MainActor
  func test_bench_whenItHasRun_leavesUsersKeysAndNoSession() async throws {
    try await withNode(at: 8_550) { ask, url in
      let sessions = { @MainActor in
        let status = try ask(["cluster", "status", "-o", "json"]).output
        return status.firstRange(of: "\"sessions\":").map { status[$0.upperBound...].prefix(2) }
      }
      _ = try ask(["kv", "put", "key-00000000", "mine"])
      let before = try XCTUnwrap(try sessions())
      let measured = ["bench", "put", "--duration", "3s", "--keys", "1", "--connections", "4"]
      let shop = url.replacing("/default", with: "/shop")

      let ending = try program.run(["--url", shop] + measured)
      let run = try ask(["history", "run", "--duration", "3s"])

      XCTAssertEqual(ending.status, .exited(0), ending.errors)
      XCTAssertEqual(run.status, .exited(0), run.errors)
      XCTAssertEqual(try ask(["kv", "get", "key-00000000"]).output, "mine\n")
      let names = { (url: String) in try self.program.run("--url", url, "collection", "ls").output }
      XCTAssertEqual(try names(shop), "{\"name\":\"bench\"}\n")
      XCTAssertFalse(try ask(["kv", "range"]).output.contains("history"))
      try await wait("end of its sessions") { try sessions() == before }
    }
  }

  @MainActor
  func test_import_whenDocumentsAreThere_stopsOrPassesOverThem() async throws {
    let file = folder + "/documents"
    let documents = (1...200).map { "{\"_id\":\($0)}\n" }
    // As many as are under way at once, and one.
    try documents[..<129].joined().write(toFile: file, atomically: true, encoding: .utf8)
    try await withNode(at: 8_570) { ask, _ in
      _ = try ask(["import", file, "things"])

      let again = try ask(["import", file, "things", "-o", "json"])
      try documents.joined().write(toFile: file, atomically: true, encoding: .utf8)
      let on = try ask(["import", file, "things", "--skip-existing", "-o", "json"])

      XCTAssertEqual(again.status, .exited(4), again.errors)
      XCTAssertTrue(again.errors.contains("hint: --skip-existing"), again.errors)
      XCTAssertTrue(again.output.contains("\"acknowledged\":0,\"failed\":"), again.output)
      XCTAssertEqual(on.status, .exited(0), on.errors)
      XCTAssertTrue(on.output.contains("\"acknowledged\":71,\"failed\":0"), on.output)
      XCTAssertTrue(on.output.contains("\"skipped\":129"), on.output)
      try "{\"a\":1}\n".write(toFile: file, atomically: true, encoding: .utf8)
      let nameless = try ask(["import", file, "things", "--skip-existing"])
      XCTAssertTrue(nameless.errors.contains("line 1: no _id"), nameless.errors)
    }
  }

  @MainActor
  func test_import_whenADocumentFails_sendsNoMoreAndWaitsForNone() async throws {
    let documents = (1...5).map { "{\"_id\":\($0)}" }
    try await withNode(at: 8_610) { ask, url in
      _ = try ask(["insert", "things", documents[0]])
      let load = "\(BuiltProgram.path) --url \(url) import - things"
      // Whoever writes the lines is slow, or goes on for as long as somebody reads.
      let slow = "(echo '\(documents[0])'; sleep 10; echo '\(documents[1])'; sleep 60)"
      let all = documents.joined(separator: "\n")
      let count = { @MainActor in
        let output = try ask(["count", "things"]).output
        return output.firstRange(of: "\"count\":").flatMap {
          Int(output[$0.upperBound...].prefix(while: \.isNumber))
        }
      }

      let rated = try program.start("/bin/sh", ["-c", "echo '\(all)' | \(load) --rate 1"])
      let stored = try XCTUnwrap(try count())
      let began = Date()
      let piped = try program.start("/bin/bash", ["-c", "\(load) < <(\(slow)); exit $?"])

      XCTAssertEqual(rated.status, .exited(4), rated.errors)
      XCTAssertEqual(piped.status, .exited(4), piped.errors)
      XCTAssertLessThan(Date().timeIntervalSince(began), 40)
      XCTAssertLessThan(stored, 5, "the answer to the first may take seconds, but not all")
      XCTAssertEqual(try count(), stored)
    }
  }

  @MainActor
  func test_import_whenInterrupted_saysHowFarItCame() async throws {
    let (file, out, err) = (folder + "/documents", folder + "/out", folder + "/err")
    let documents = (1...200).map { "{\"_id\":\($0)}\n" }.joined()
    try documents.write(toFile: file, atomically: true, encoding: .utf8)
    try await withNode(at: 8_590) { ask, url in
      let load = try ChildProcess(
        BuiltProgram.path,
        ["--url", url, "import", file, "things", "--rate", "2", "-o", "json"],
        output: .file(out),
        errors: .file(err)
      )
      let count = BuiltProgram(folder: folder + "/cluster")
      try await wait("a document") {
        try count.run("--url", url, "count", "things").output.contains("\"count\":1")
      }

      load.signal(SIGINT)
      let ending = load.waitForEnd()

      let errors = try String(contentsOfFile: err, encoding: .utf8)
      let output = try String(contentsOfFile: out, encoding: .utf8)
      XCTAssertEqual(ending, .exited(130), errors)
      XCTAssertTrue(errors.contains("interrupted behind line"), errors)
      XCTAssertTrue(errors.contains("--skip-existing"), errors)
      XCTAssertTrue(output.contains("\"failed\":0,\"unknown\":0"), output)
    }
  }
}
