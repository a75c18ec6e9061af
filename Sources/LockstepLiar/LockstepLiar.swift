import ClientProtocol
import Glibc
import Liars

/// The binary: a node that lies, for demonstrations and tests.
///
/// What ships does not contain a lie, nor a way to plug one in from outside.
@main
struct LockstepLiar {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    if words.isEmpty || words.contains("--help") || words.contains("-h") {
      return print(help)
    }
    do {
      // Whoever reads the log may end; the node does not end with them.
      signal(SIGPIPE, SIG_IGN)
      try LiarNode(words).run()
    } catch {
      let line = Array("error: \(error)\n".utf8)
      // `write` reads the array's own bytes.
      unsafe _ = write(STDERR_FILENO, line, line.count)
      exit(error is LiarUsage ? 2 : 1)
    }
  }

  private static var help: String {
    var lines = [
      "lockstep-liar \(lockstepVersion): a node of a cluster of mode bft that lies", "",
      "usage: lockstep-liar server start --data DIR --lie NAME [--peer-address LIST]", "",
      "The directory is made by `lockstep server init`. SIGTERM ends it at once.",
      "--peer-address ID=HOST:PORT,… dials these members there, not where the genesis says.", "",
    ]
    for lie in Lie.allCases {
      let padding = String(repeating: " ", count: max(2, 20 - lie.rawValue.count))
      lines.append("  \(lie.rawValue)\(padding)\(lie.summary)")
    }
    return lines.joined(separator: "\n")
  }
}
