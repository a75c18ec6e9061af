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

  /// The words behind the program's name.
  ///
  /// Swift looks for them on the stack, and finds none where a preloaded library stands in the way
  /// (libfaketime does). Then the kernel is asked.
  static func words(
    swift: [String] = CommandLine.arguments,
    kernel: String = "/proc/self/cmdline"
  ) throws(CommandFailure) -> [String] {
    if swift.count > 1 { return Array(swift.dropFirst()) }
    guard let text = try TextFile.read(kernel) else { return [] }
    // Each word ends with a zero byte.
    return text.split(separator: "\0", omittingEmptySubsequences: false).dropFirst().dropLast()
      .map(String.init)
  }
}
