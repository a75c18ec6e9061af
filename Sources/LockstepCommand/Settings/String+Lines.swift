extension String {
  /// The lines between its line feeds, each with the carriage return that it may end with.
  ///
  /// To Swift `"\r\n"` is one character, and no `"\n"`: splitting at characters finds no line in
  /// a file of another system's.
  var lines: [Substring] {
    utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
  }
}
