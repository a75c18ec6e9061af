/// The form of a result: for people, or one of two for programs.
enum OutputForm: String, Sendable {
  case table
  case json
  case ndjson

  /// What was asked for, else a table on a terminal and lines of JSON in a pipe.
  init(_ invocation: Invocation, terminal: Terminal) {
    let usual: OutputForm = terminal.outputIsTerminal ? .table : .ndjson
    self = invocation.optional("output").flatMap(OutputForm.init) ?? usual
  }
}
