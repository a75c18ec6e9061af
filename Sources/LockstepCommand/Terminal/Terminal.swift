import Glibc

/// What standard output and standard error lead to.
struct Terminal: Sendable {
  let outputIsTerminal: Bool
  let errorIsTerminal: Bool
  /// Whether colour may be used where a stream is a terminal.
  let allowsColour: Bool

  /// The streams of this process.
  static func current(environment: [String: String]) -> Terminal {
    Terminal(
      outputIsTerminal: isatty(STDOUT_FILENO) == 1,
      errorIsTerminal: isatty(STDERR_FILENO) == 1,
      allowsColour: environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    )
  }

  /// The columns of the terminal behind standard error; 80 where nobody says.
  static func columns() -> Int {
    var size = winsize()
    // The kernel fills the one structure whose address it is given.
    let status = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
    return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
