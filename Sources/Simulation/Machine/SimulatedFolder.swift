import Consensus

/// A folder of a simulated disk: what processes see of it, what is on the platter, and the changes
/// in between, which a power cut may take.
struct SimulatedFolder {
  /// What a call does to a name.
  enum NameChange {
    case create(String, SimulatedFile)
    case rename(String, to: String, SimulatedFile)
    case remove(String)
  }

  /// Looked up by name; listed only in order.
  private var files: [String: SimulatedFile] = [:]
  private var durableFiles: [String: SimulatedFile] = [:]
  private var pendingNames: [NameChange] = []
  private var dirty: [SimulatedFile] = []

  init() {}

  /// A folder with these files on the platter.
  init(durable contents: [(name: String, bytes: [UInt8])]) {
    for (name, bytes) in contents { durableFiles[name] = SimulatedFile(durable: bytes) }
    files = durableFiles
  }

  /// A folder with what is on the platter of another one.
  init(onPlatterLike folder: SimulatedFolder) {
    for name in Self.sorted(folder.durableFiles.keys) {
      guard let file = folder.durableFiles[name] else { continue }
      durableFiles[name] = SimulatedFile(onPlatterLike: file)
    }
    files = durableFiles
  }

  /// The file of this name, as processes see it.
  subscript(_ name: String) -> SimulatedFile? { files[name] }

  /// The names that processes see.
  var names: [String] { Self.sorted(files.keys) }

  /// The files that are safe, with their sizes.
  var platter: [(name: String, size: Int)] {
    names.filter { files[$0] === durableFiles[$0] }.map { ($0, files[$0]?.durableSize ?? 0) }
  }

  /// All files as they are on the platter, in order of their names.
  var durableContents: [(name: String, bytes: [UInt8])] {
    Self.sorted(durableFiles.keys).map { (name: $0, bytes: durableFiles[$0]?.durable ?? []) }
  }

  /// How many changes a power cut could take.
  var pendingCount: Int { dirty.reduce(pendingNames.count) { $0 + $1.pendingCount } }

  // MARK: Changes

  mutating func change(_ change: NameChange) {
    Self.apply(change, to: &files)
    pendingNames.append(change)
  }

  /// A file has bytes that are not on the platter.
  mutating func noteWrite(of file: SimulatedFile) {
    if !dirty.contains(where: { $0 === file }) { dirty.append(file) }
  }

  mutating func sync(_ file: SimulatedFile) {
    file.sync()
    if !file.isDirty { dirty.removeAll { $0 === file } }
  }

  mutating func syncNames() {
    for change in pendingNames { Self.apply(change, to: &durableFiles) }
    pendingNames.removeAll()
  }

  /// A sync of the names fails: as often as not some of them are lost, which processes see at once,
  /// as a file system shows what its journal holds; otherwise all are left to a later sync (D4).
  mutating func failSync(_ random: inout RandomSource) {
    guard random.oneIn(2) else { return }
    for change in pendingNames where random.oneIn(2) { Self.apply(change, to: &durableFiles) }
    pendingNames.removeAll()
    files = durableFiles
  }

  // MARK: Damage

  /// The file of this name, if it is on the platter as processes see it.
  func safeFile(_ name: String) -> SimulatedFile? {
    durableFiles[name].flatMap { files[name] === $0 ? $0 : nil }
  }

  /// Takes a safe file away; false while names change.
  mutating func lose(_ name: String) -> Bool {
    guard pendingNames.isEmpty else { return false }
    files[name] = nil
    durableFiles[name] = nil
    return true
  }

  mutating func putBack(_ file: SimulatedFile, as name: String) {
    files[name] = file
    durableFiles[name] = file
  }

  // MARK: Power

  /// The power is gone, and takes what it likes of what was not synced.
  ///
  /// - Returns: Whether anything written was lost.
  mutating func cutPower(_ mercy: PowerCutMercy, _ random: inout RandomSource) -> Bool {
    var isAnythingLost = false
    for file in dirty where file.cutPower(mercy, &random) { isAnythingLost = true }
    for change in pendingNames where Self.keeps(mercy, &random) {
      Self.apply(change, to: &durableFiles)
    }
    forgetCache()
    return isAnythingLost
  }

  /// Leaves of what was not synced exactly what is said.
  mutating func cutPower(
    _ cut: PowerCut,
    lastWritten: SimulatedFile?,
    _ random: inout RandomSource
  ) {
    switch cut {
    // What the process wrote stays in the cache.
    case .kill: return
    case .kept(var kept):
      for file in dirty {
        let count = file.pendingCount
        file.cutPower(keeping: kept.prefix(count))
        kept.removeFirst(min(count, kept.count))
      }
      for (change, isKept) in zip(pendingNames, kept) where isKept {
        Self.apply(change, to: &durableFiles)
      }
      forgetCache()
    case .torn(let bytes):
      lastWritten?.tearLastWrite(after: bytes)
      _ = cutPower(.all, &random)
    case .sectors(let seed):
      random = RandomSource(seed: seed)
      _ = cutPower(.some, &random)
    }
  }

  private mutating func forgetCache() {
    dirty.removeAll()
    pendingNames.removeAll()
    files = durableFiles
  }

  private static func keeps(_ mercy: PowerCutMercy, _ random: inout RandomSource) -> Bool {
    switch mercy {
    case .none: false
    case .all: true
    case .some: random.chance(percent: 50)
    }
  }

  private static func apply(_ change: NameChange, to files: inout [String: SimulatedFile]) {
    switch change {
    case .create(let name, let file): files[name] = file
    case .rename(let name, let newName, let file):
      files[newName] = file
      files[name] = nil
    case .remove(let name): files[name] = nil
    }
  }

  private static func sorted(_ names: some Sequence<String>) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
