import XCTest

final class SafetyTests: TidyTestCase {
  func test_repository_whenRead_isSafeAndFinished() {
    assertTidy(
      Repository.files.flatMap {
        SafetyRule.violations(in: $0, decisions: Repository.decisions)
      }
    )
  }

  func test_forcing_whenPlanted_isFound() {
    let path = "Sources/Raft/A.swift"

    assertFinds(
      [
        ("unwrap", path, "let a = b!", ["force"]),
        ("unwrap a call", path, "let a = b()!.c", ["force"]),
        ("unwrap an element", path, "let a = b[0]!", ["force"]),
        ("in a string", path, "let a = \"b!\"", []),
        ("interpolated", path, "let a = \"\\(b!)\"", ["force"]),
        ("raw and interpolated", path, "let a = #\"b! \\(c!) \\#(d!)\"#", ["force"]),
        ("try", path, "let a = try! b()", ["force"]),
        ("cast", path, "let a = b as! C", ["force"]),
        ("implicit", path, "var a: B!", ["force"]),
        ("not", path, "if !a, b != c, d(!e) { return !f }", []),
        ("in a test", "Tests/RaftTests/A.swift", "let a = b!", []),
      ],
      by: { SafetyRule.violations(in: $0, decisions: "") }
    )
  }

  func test_danger_whenOutsideItsPlace_isFound() {
    let unsafe = "// The bounds hold.\nlet a = unsafe b()"
    let above = "/// The bounds hold.\n@inlinable\nfunc a() {\n  b()\n  return unsafe c()\n}"
    let silent = "// The bounds hold.\nfunc a() {}\nfunc b() { unsafe c() }"
    let sharing = "final class Mailbox: @unchecked Sendable {}"
    let server = "Sources/Server/Mailbox.swift"
    let record = "`Mailbox` is `@unchecked Sendable` because …"

    assertFinds(
      [
        ("in Raft", "Sources/Raft/A.swift", unsafe, ["unsafe"]),
        ("in Wire", "Sources/Wire/A.swift", unsafe, []),
        ("explained over the function", "Sources/Wire/A.swift", above, []),
        ("not explained", "Sources/Wire/A.swift", silent, ["unsafe"]),
        ("at the disk", "Sources/Storage/PosixDisk+Sync.swift", unsafe, []),
        ("beside the disk", "Sources/Storage/Journal.swift", unsafe, ["unsafe"]),
        ("undecided", "Sources/Server/Other.swift", sharing, ["unchecked"]),
        ("decided", server, sharing, []),
      ],
      by: { SafetyRule.violations(in: $0, decisions: record) }
    )
  }

  func test_unfinished_whenPlanted_isFound() {
    let path = "Sources/Raft/A.swift"

    assertFinds(
      [
        ("a note", path, "// TODO: more", ["unfinished"]),
        ("a note in a block", path, "/* first\n FIXME later */", ["unfinished"]),
        ("a note with its issue", path, "// TODO(#12): more", []),
        ("a string", path, "let a = \"TODO\"", []),
        ("a stub", path, "fatalError(\"unimplemented\")", ["unfinished"]),
        ("a reason", path, "fatalError(\"a leader has a log\")", []),
        ("in a test", "Tests/RaftTests/A.swift", "// FIXME", ["unfinished"]),
      ],
      by: { SafetyRule.violations(in: $0, decisions: "") }
    )
  }
}
