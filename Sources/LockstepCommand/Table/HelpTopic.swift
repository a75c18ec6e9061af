import ClientProtocol

/// Help that belongs to no single command.
struct HelpTopic: Sendable {
  let name: String
  let summary: String
  let text: @Sendable () -> String

  static let all = [
    HelpTopic(name: "topics", summary: "this list") { listing },
    HelpTopic(name: "exit-codes", summary: "what the exit status says") { exitCodes },
    HelpTopic(name: "config", summary: "where values come from") { configuration },
    HelpTopic(name: "url", summary: "how a cluster is named, and what a URL may say") { url },
    HelpTopic(name: "output", summary: "tables, JSON and NDJSON") { output },
    HelpTopic(name: "errors", summary: "every error code") { errors },
  ]

  private static var listing: String {
    (["topics:"] + all.map { "  lockstep help \($0.name): \($0.summary)" })
      .joined(separator: "\n")
  }

  private static var exitCodes: String {
    let rows = ExitCode.allCases.map { code in
      let number = String(code.rawValue)
      let padding = String(repeating: " ", count: 5 - number.count)
      return "  \(number)\(padding)\(code.meaning)"
    }
    let more = [
      "",
      "A write that may or may not have been done ends with 5, whatever the error (but with 9",
      "where nodes_disagree), and the error says so. A command whose result cannot be written,",
      "as on a full disk, ends with 1: its work is done. One whose reader has gone away, as head",
      "does, ends silently, as of SIGPIPE (141).",
    ]
    return (["exit codes, one meaning each:"] + rows + more).joined(separator: "\n")
  }

  private static var configuration: String {
    """
    Every flag has its value from the first of these that gives one:
      the command line     --base-port 7310
      the environment      LOCKSTEP_BASE_PORT=7310
      a file               base-port = 7310
      its default
    Only the command line counts for demo's --data and for --out, --keys and --clients of
    genesis create: these names mean something else to other commands.
    The file is the one named by --config or LOCKSTEP_CONFIG, else
    $XDG_CONFIG_HOME/lockstep/config, else ~/.config/lockstep/config. It has one
    'flag = value' a line; '#' begins a comment.
    Durations are written 250ms, 5s, 2m; sizes 512, 64KiB, 1MiB.
    """
  }

  private static var url: String {
    """
    lockstep://HOST:PORT,HOST:PORT,.../DATABASE?OPTION=VALUE&OPTION=VALUE
    Nodes that are not named are found through those that are. The port is 7301 and the
    database 'default' where the URL does not say; %20 stands for a space. Options:
      timeout=5s               how long a call waits for its answer
      consistency=linearizable what reads show; stale:500ms for what was true within that time
      name=TEXT                what the client is called, at most 100 bytes
      genesis=PATH             mode bft: the cluster's genesis file
      key=PATH                 mode bft: the file of this client's private key
      reads=ordered            mode bft: reads go through the order; with reads=fast 2f+1 equal
                               answers are believed at once
    --timeout and --consistency stand for the options of that name. A shell wants quotes around
    a URL with ? or &.
    """
  }

  private static var output: String {
    """
    -o table    columns for people; the default of lists on a terminal
    -o ndjson   one JSON object a line; the default of lists in a pipe
    -o json     one JSON value
    Keys of JSON are stable. Results go to standard output, everything else to standard
    error. There is colour only on a terminal, and not if NO_COLOR is set.
    """
  }

  private static var errors: String {
    let rows = ErrorCode.allCases.map { "  \($0.rawValue) (exit \($0.exitCode.rawValue))" }
    let more = [
      "", "A write that may have been done ends with 5 whatever the code, but with 9 where",
      "nodes_disagree; too_few_answers ends with 6 where nothing can have been done.",
      "These are of the store and its clients. What a command finds wrong by itself has a code",
      "of its own, such as usage, file_error, backup_damaged, no_verdict or not_linearizable.",
    ]
    return (["error codes, as they stand in parentheses behind an error:"] + rows + more)
      .joined(separator: "\n")
  }
}

extension ExitCode {
  /// What the exit status says.
  var meaning: String {
    switch self {
    case .ok: "all went well"
    case .failed: "the command failed: the server, a file or a disk said no"
    case .usage: "the command line, or a file that it names, was not understood"
    case .notFound: "what was asked for does not exist"
    case .conflict: "a condition did not hold"
    case .noAnswer: "no answer in time: a write may have been done, a check has no verdict"
    case .unavailable: "the cluster is unavailable: no leader or no majority"
    case .cannotConnect: "no node could be reached"
    case .refused: "who asks is not known or not allowed to"
    case .checkFailed: "a check failed: simulation, history, integrity"
    case .diskHung: "a node was told to stop while its disk hung"
    case .directoryRefused: "the others remember more of a node than its directory holds"
    case .interrupted: "interrupted"
    }
  }
}
