/// Pure rooms read no clock, roll no dice and start no thread (architecture, law 1); only the rooms
/// at the edge know threads at all (style §5).
enum PurityRule {
  static func violations(in file: SourceFile) -> [Violation] {
    guard let name = file.room, let room = House.room(name) else { return [] }
    return file.tokens.indices.filter { file.tokens[$0].kind == .word }.compactMap { index in
      let text = file.text(index)
      let isImpure = room.isPure && isClockOrChance(file, index)
      let isThread = !House.mayUseThreads(name) && threads.contains(text) && isCode(file, index)
      guard isImpure || isThread else { return nil }
      return file.violation("purity", line: file.tokens[index].line, "'\(text)' in \(name)")
    }
  }

  private static let clocks: Set<String> = [
    "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock", "clock_gettime",
    "gettimeofday", "hashValue", "arc4random",
  ]
  private static let built: Set<String> = ["Date", "Hasher", "UUID"]
  private static let dice: Set<String> = ["random", "shuffled", "shuffle", "randomElement"]
  private static let threads: Set<String> = [
    "async", "await", "actor", "Task", "TaskGroup", "Mutex", "Atomic", "Thread", "NSLock",
    "DispatchQueue", "DispatchSemaphore", "pthread_create", "pthread_mutex_t", "withTaskGroup",
  ]

  /// A word that names a member or a label is a name of our own.
  private static func isCode(_ file: SourceFile, _ index: Int) -> Bool {
    file.text(index - 1) != "." && file.text(index + 1) != ":"
  }

  private static func isClockOrChance(_ file: SourceFile, _ index: Int) -> Bool {
    let text = file.text(index)
    if clocks.contains(text) { return true }
    guard file.text(index + 1) == "(" else { return false }
    if built.contains(text) { return file.text(index - 1) != "." }
    guard dice.contains(text), file.text(index - 1) == "." else { return false }
    // With `using:` the chance is handed in, as it should be.
    let call = index + 1..<file.end(ofBracketAt: index + 1)
    return !call.contains { file.reads(["using", ":"], at: $0) }
  }
}
