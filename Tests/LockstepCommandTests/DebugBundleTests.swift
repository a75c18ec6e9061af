import Foundation
import JepsenHarness
import XCTest

@testable import LockstepCommand

/// `lockstep debug bundle`: what is in it, and what is not.
final class DebugBundleTests: ProgramTestCase {
  private var data: String { folder + "/n1" }

  func test_redaction_whenALineHoldsSecrets_hidesThemAlone() {
    let cases: [(line: String, kept: String)] = [
      ("event=x url=lockstep://ada:s3cret@h:1,i:2/db", "event=x url=lockstep://***@h:1,i:2/db"),
      ("lockstep://h:1/db?name=a@b", "lockstep://h:1/db?name=a@b"),
      ("password=x token:y next", "password=*** token:***"),
      ("secret: x y", "secret: ***"), (#"password=ab"cd e=f"#, "password=*** e=f"),
      ("passphrase: correct horse battery user=x", "passphrase: *** user=x"),
      ("LOCKSTEP_TOKEN=abc", "LOCKSTEP_TOKEN=***"),
      ("ts=14:02 event=raft.leader.changed", "ts=14:02 event=raft.leader.changed"),
      (
        #"{"msg":"x","password":"hun\"ter2","token":"abc","n":1}"#,
        #"{"msg":"x","password":"***","token":"***","n":1}"#
      ),
      (#"{"msg":"password=\"a b\" c"}"#, #"{"msg":"password=\"***\" c"}"#),
      (#"{"secret":{"a":"b"}}"#, #"{"secret":***"#),
      ("Authorization: Bearer sekret99", "Authorization: ***"),
      (#"{"headers":"Authorization: Basic QWxh"}"#, #"{"headers":"Authorization: ***"}"#),
      ("sent Bearer sekret99 on", "sent Bearer *** on"),
      ("a lockstep://a:b@h/x http://c:d@i/ e", "a lockstep://***@h/x http://***@i/ e"),
      ("password:\thunter2", "password:\t***"), ("password => x", "password => ***"),
      ("Authorization: Token abc", "Authorization: ***"),
      ("Cookie: a=1; sid=sekret", "Cookie: ***"),
      ("password = x", "password = ***"), ("api_key='a b'", "api_key='***'"),
      ("token", "token"), ("tokens: ", "tokens: "), ("digest 5c0f", "digest 5c0f"),
      ("", ""),
    ]

    for (line, kept) in cases { XCTAssertEqual(Redaction.line(line), kept) }
  }

  func test_archive_whenUnpackedByTar_hasTheFiles() throws {
    var archive = TarArchive(seconds: 1_700_000_000)
    archive.add("a.txt", Array("one".utf8))
    archive.add("b/c.bin", [UInt8](repeating: 7, count: 512))
    archive.add("empty", [])
    try Data(archive.finished()).write(to: URL(fileURLWithPath: folder + "/x.tar"))

    let listed = try tar("-tf", folder + "/x.tar")
    _ = try tar("-xf", folder + "/x.tar", "-C", folder)

    XCTAssertEqual(listed, "a.txt\nb/c.bin\nempty\n")
    XCTAssertEqual(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8), "one")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/b/c.bin"))
    XCTAssertEqual(bytes, Data(repeating: 7, count: 512))
  }

  func test_bundle_whenMadeOfADirectoryAndALog_holdsWhatHelps() throws {
    try program.makeDirectory(data)
    let log = folder + "/node.log"
    let line = "event=x url=lockstep://ada:s3cret@h:1/db\n"
    let lines = String(repeating: line, count: 1 + DebugBundle.logSizeMax / line.utf8.count)
    try lines.write(toFile: log, atomically: true, encoding: .utf8)

    let (status, output, errors) = try program.run(
      "debug",
      "bundle",
      "--out",
      folder + "/b.tar",
      "--offline",
      "--data",
      data,
      "--log",
      log
    )

    XCTAssertEqual(status, .exited(0), errors)
    XCTAssertTrue(output.contains("\"problems\":[]"), output)
    let names = try tar("-tf", folder + "/b.tar").split(separator: "\n").map(String.init)
    XCTAssertEqual(
      names,
      [
        "version.json", "data1/meta.json", "data1/files.ndjson", "data1/journal.ndjson",
        "data1/records.ndjson", "data1/snapshots.ndjson", "logs/1-node.log", "problems.txt",
      ]
    )
    let text = try tar("-xOf", folder + "/b.tar")
    XCTAssertTrue(text.contains("\"kind\":\"entry\",\"index\":1"))
    XCTAssertFalse(text.contains("s3cret"))
    XCTAssertLessThanOrEqual(text.utf8.count, DebugBundle.logSizeMax + 10_000)
  }

  func test_bundle_whenSomethingCannotBeHad_saysSoInIt() throws {
    try program.makeDirectory(data)

    let (status, output, _) = try runUnreachable("--data", data + "," + folder + "/none")

    XCTAssertEqual(status, .exited(0))
    XCTAssertTrue(output.contains("no such directory"), output)
    XCTAssertTrue(try tar("-xOf", folder + "/b.tar", "problems.txt").contains("127.0.0.1:1"))
  }

  func test_bundle_whenNothingCanBeHad_fails() throws {
    let cases: [(words: [String], status: Int32)] = [
      (["--offline"], 2), (["--offline", "--data", folder + "/none"], 2),
    ]

    for (words, status) in cases {
      let ending = try program.run(["debug", "bundle", "--out", folder + "/b.tar"] + words)

      XCTAssertEqual(ending.status, .exited(status), ending.errors)
      XCTAssertFalse(FileManager.default.fileExists(atPath: folder + "/b.tar"))
    }
    let unreachable = try runUnreachable()
    XCTAssertNotEqual(unreachable.status, .exited(0), unreachable.output)
  }

  // MARK: Helpers

  private func tar(_ words: String...) throws -> String {
    try program.start("/usr/bin/env", ["tar"] + words).output
  }

  /// Asks for a bundle, in vain, of a cluster that nobody serves.
  private func runUnreachable(_ more: String...) throws -> BuiltProgram.Ending {
    let url = ["--url", "lockstep://127.0.0.1:1/x", "--timeout", "200ms"]
    return try program.run(url + ["debug", "bundle", "--out", folder + "/b.tar"] + more)
  }
}
