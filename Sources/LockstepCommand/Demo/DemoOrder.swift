/// What a line of a demo script, or of its prompt, asks for.
enum DemoOrder: Equatable, Sendable {
  /// A node by its number, or whichever leads at that moment.
  enum Target: Equatable, Sendable {
    case node(Int)
    case leader
  }

  case nothing
  case status
  case kill(Target, afterDocuments: Int?)
  case restart(Int)
  case pause(Target)
  case resume(Int)
  case load(microseconds: Int)
  /// Sides that do not hear each other.
  case partition([[Int]])
  case heal
  case check
  case lie
  case evidence
  case sleep(microseconds: Int)
  case wait
  case help
  case quit
  /// A subcommand of `lockstep`, as its own process.
  case command(DemoWords.Line)

  static let helpLines = [
    "\\status                  each node's process, role, term and indexes",
    "\\kill N|leader           kill -9; --after-documents N waits until so many are stored",
    "\\restart N               start a killed node again",
    "\\pause N|leader          SIGSTOP",
    "\\resume N                SIGCONT",
    "\\partition A|B           no link between the sides, as in n1|n2,n3; a node on none has all",
    "\\heal                    end chaos and partitions, start and resume every node",
    "\\check                   heal, judge what recorded clients saw, write lockstep-check.html",
    "\\lie                     make the liar of --byzantine primary, see it left by the others",
    "\\evidence                wait for proof of the lie, and have it verified",
    "\\load [DURATION]         puts in the background, 10s if not said",
    "\\sleep DURATION          wait a while",
    "\\wait                    wait for everything in the background",
    "\\help                    this list",
    "\\quit                    end the cluster",
    "lockstep …               any command, with its --url filled in; & sends it behind,",
    "                         > FILE keeps its output",
  ]

  /// Reads a line.
  init(_ text: String) throws(CommandFailure) {
    let line = try DemoWords.split(text)
    guard let first = line.words.first else {
      self = .nothing
      return
    }
    guard first.hasPrefix("\\") else {
      guard first == "lockstep" else {
        throw .usage(
          "'\(first)' is neither an order nor lockstep",
          hint: "\\help lists the orders; commands begin with lockstep"
        )
      }
      var command = line
      command.words.removeFirst()
      self = .command(command)
      return
    }
    guard !line.isBackground, line.outputFile == nil else {
      throw .usage("'\(first)' takes neither & nor >")
    }
    self = try Self.order(String(first.dropFirst()), Array(line.words.dropFirst()))
  }

  private static func order(
    _ name: String,
    _ words: [String]
  ) throws(CommandFailure) -> DemoOrder {
    switch (name, words.count) {
    case ("status", 0): return .status
    case ("wait", 0): return .wait
    case ("help", 0): return .help
    case ("quit", 0): return .quit
    case ("heal", 0): return .heal
    case ("check", 0): return .check
    case ("lie", 0): return .lie
    case ("evidence", 0): return .evidence
    case ("partition", 1): return .partition(try sides(words[0]))
    case ("kill", 1): return .kill(try target(words[0]), afterDocuments: nil)
    case ("kill", 3) where words[1] == "--after-documents":
      return .kill(try target(words[0]), afterDocuments: try number(words[2]))
    case ("pause", 1): return .pause(try target(words[0]))
    case ("restart", 1): return .restart(try number(words[0]))
    case ("resume", 1): return .resume(try number(words[0]))
    case ("sleep", 1): return .sleep(microseconds: try duration(words[0]))
    case ("load", 0): return .load(microseconds: 10_000_000)
    case ("load", 1): return .load(microseconds: try duration(words[0]))
    default: throw unknown(name)
    }
  }

  private static func unknown(_ name: String) -> CommandFailure {
    let names = helpLines.filter { $0.hasPrefix("\\") }.map { line in
      String(line.dropFirst().prefix { $0 != " " })
    }
    let usage = helpLines.first { $0.hasPrefix("\\\(name) ") }
    let near = Suggestion.nearest(to: name, among: names).map { "did you mean '\\\($0)'?" }
    let message =
      usage == nil ? "there is no order '\\\(name)'" : "'\\\(name)' cannot be read like this"
    return .usage(message, hint: usage ?? near ?? "\\help lists the orders")
  }

  private static func target(_ word: String) throws(CommandFailure) -> Target {
    word == "leader" ? .leader : .node(try number(word))
  }

  /// Nodes with commas between them and a bar between sides, as in `n1|n2,n3` or `1|2,3`.
  private static func sides(_ word: String) throws(CommandFailure) -> [[Int]] {
    let texts = word.split(separator: "|", omittingEmptySubsequences: false)
    var sides: [[Int]] = []
    for text in texts {
      var side: [Int] = []
      for name in text.split(separator: ",", omittingEmptySubsequences: false) {
        side.append(try number(String(name.hasPrefix("n") ? name.dropFirst() : name)))
      }
      sides.append(side)
    }
    guard sides.count > 1, Set(sides.joined()).count == sides.joined().count else {
      throw .usage("'\(word)' names no sides; write n1|n2,n3")
    }
    return sides
  }

  private static func number(_ word: String) throws(CommandFailure) -> Int {
    guard let number = Int(word), number > 0 else {
      throw .usage("'\(word)' is no number from 1 up")
    }
    return number
  }

  private static func duration(_ word: String) throws(CommandFailure) -> Int {
    guard let microseconds = Quantity.microseconds(word) else {
      throw .usage("'\(word)' is no duration; write 250ms, 5s or 2m")
    }
    return microseconds
  }
}
