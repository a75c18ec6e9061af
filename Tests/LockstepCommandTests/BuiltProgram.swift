import Foundation
import JepsenHarness

/// The program, as a shell sees it: words in; status, output and errors out.
struct BuiltProgram {
  typealias Ending = (status: ChildProcess.End, output: String, errors: String)

  /// Where output and errors are kept meanwhile, as `out` and `err`.
  let folder: String

  /// It is built into the folder of the test bundle.
  static var path: String {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0])
    return bundle.deletingLastPathComponent().appendingPathComponent("lockstep").path
  }

  func run(_ words: String...) throws -> Ending {
    try run(words)
  }

  func run(_ words: [String]) throws -> Ending {
    try start(Self.path, words)
  }

  /// The same of any other program.
  func start(_ program: String, _ words: [String]) throws -> Ending {
    let (out, err) = (folder + "/out", folder + "/err")
    Folder.remove(out)
    Folder.remove(err)
    let child = try ChildProcess(program, words, output: .file(out), errors: .file(err))
    let status = child.waitForEnd()
    return (
      status,
      try String(contentsOfFile: out, encoding: .utf8),
      try String(contentsOfFile: err, encoding: .utf8)
    )
  }

  /// Makes a genesis file and the data directory of its one node.
  func makeDirectory(_ data: String) throws {
    let file = folder + "/genesis.json"
    _ = try run("genesis", "create", "--nodes", "1=127.0.0.1:7301", "-o", file)
    _ = try run("server", "init", "--genesis", file, "--id", "1", "--data", data)
  }
}
