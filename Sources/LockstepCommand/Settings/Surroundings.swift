/// What a command finds around it; handed in, so that tests are free of this machine.
struct Surroundings: Sendable {
  var environment: [String: String]
  /// The text of a file, nil if there is none.
  var readFile: @Sendable (String) throws(CommandFailure) -> String?

  init(
    environment: [String: String],
    readFile: @escaping @Sendable (String) throws(CommandFailure) -> String?
  ) {
    self.environment = environment
    self.readFile = readFile
  }
}
