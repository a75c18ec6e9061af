import Glibc

/// The time that processors have spent, in microseconds: on this process, and on some others.
struct ProcessorTime: Sendable, Equatable {
  /// Linux counts in hundredths of a second wherever programs can see it.
  private static let tickMicroseconds = 10_000

  var own = 0
  var watched = 0

  init() {}

  /// Reads the time so far; a process that has ended counts nothing.
  init(of processes: [Int]) {
    own = clock() * 1_000_000 / Int(CLOCKS_PER_SEC)
    for process in processes {
      guard let line = try? TextFile.read("/proc/\(process)/stat") else { continue }
      watched += Self.ticks(inStat: line) * Self.tickMicroseconds
    }
  }

  /// What was spent since an earlier reading.
  func since(_ earlier: ProcessorTime) -> ProcessorTime {
    var spent = ProcessorTime()
    spent.own = own - earlier.own
    spent.watched = watched - earlier.watched
    return spent
  }

  /// User and system time in a line of `/proc/…/stat`: the 12th and 13th field behind the name,
  /// which stands in parentheses and may hold any byte.
  static func ticks(inStat line: String) -> Int {
    guard let end = line.lastIndex(of: ")") else { return 0 }
    let fields = line[end...].split(separator: " ")
    guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
      return 0
    }
    return user + system
  }
}
