import Glibc

/// The program that this process runs, to start it again as a child.
enum OwnProgram {
  static func path() -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    // `readlink` fills at most the buffer's own bytes and tells how many.
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    return count > 0 ? String(decoding: bytes, as: UTF8.self) : "/proc/self/exe"
  }

  /// Longer command lines are none: the system allows a quarter of the stack, 2 MiB.
  private static let lineSizeMax = 8 << 20

  /// The words behind the program's name.
  ///
  /// Swift looks for them on the stack, and finds none where a preloaded library stands in the way
  /// (libfaketime does); and it puts U+FFFD where bytes are not UTF-8. Then the kernel is asked.
  ///
  /// - Throws: Usage, if a word is not UTF-8: what was meant is not guessed.
  static func words(
    swift: [String] = CommandLine.arguments,
    kernel: String = "/proc/self/cmdline"
  ) throws(CommandFailure) -> [String] {
    let isRepaired = swift.contains { $0.unicodeScalars.contains("\u{FFFD}") }
    guard isRepaired || swift.count < 2 else { return Array(swift.dropFirst()) }
    guard let line = try TextFile.readIfPresent(kernel, max: lineSizeMax) else {
      guard !isRepaired else { throw .usage("an argument may not be UTF-8") }
      return []
    }
    var words: [String] = []
    // Each word ends with a zero byte.
    let all = line.split(separator: 0, omittingEmptySubsequences: false).dropFirst().dropLast()
    for (place, bytes) in all.enumerated() {
      guard let word = String(validating: bytes, as: UTF8.self) else {
        throw .usage(
          "argument \(place + 1) is not UTF-8",
          hint: "values may be piped in as they are; for keys see lockstep kv get --help"
        )
      }
      words.append(word)
    }
    return words
  }
}
