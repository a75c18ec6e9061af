import Storage

/// A disk in memory that can lose power after any call, and forget any part of what was not
/// synced: sectors of 512 bytes and changes of names, each by itself and in any order.
final class CrashDisk: Disk, @unchecked Sendable {
  enum Call: String { case create, write, sync, syncFolder, rename, remove, read }

  fileprivate final class File {
    /// What survives a power cut for certain.
    var durable: [UInt8] = []
    /// What a reader sees.
    var current: [UInt8] = []
    /// Sectors written since the last sync, oldest first.
    var pending: [(offset: Int, bytes: [UInt8])] = []
  }

  private enum NameChange {
    case create(String, File)
    case rename(String, String)
    case remove(String)
  }

  static let sector = 512

  /// How many calls that change something were made.
  private(set) var calls = 0
  /// The kinds of those calls, for tests that aim at one.
  private(set) var log: [(call: Call, file: String)] = []
  /// After so many of them, every further one fails as if the power were gone.
  var cutAfter = Int.max
  /// How many bytes all files together may have.
  var capacity = Int.max
  /// Makes the calls of this kind on files with this prefix fail.
  var failing: (call: Call, prefix: String, errno: Int32)?

  /// Makes reading these sectors of this file fail.
  var unreadable: (file: String, sectors: Set<Int>) = ("", [])

  private var names: [String: File] = [:]
  private var durableNames: [String: File] = [:]
  private var pendingNames: [NameChange] = []
  private var open: [Int: (name: String, file: File)] = [:]
  private var opened = 0
  private var locks: Set<String> = []

  // MARK: Disk

  func list() throws(DiskError) -> [String] { names.keys.sorted() }

  func open(_ name: String) throws(DiskError) -> OpenFile {
    guard let file = names[name] else { throw .missing(file: name) }
    return handle(name, file)
  }

  func create(_ name: String) throws(DiskError) -> OpenFile {
    try count(.create, name)
    guard names[name] == nil else { throw .exists(file: name) }
    let file = File()
    names[name] = file
    pendingNames.append(.create(name, file))
    return handle(name, file)
  }

  func size(of file: OpenFile) throws(DiskError) -> Int { content(file).current.count }

  func read(_ file: OpenFile, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
    if let failing, failing.call == .read, file.name.hasPrefix(failing.prefix) {
      throw .io(call: "read", file: file.name, errno: failing.errno)
    }
    let bytes = content(file).current
    guard offset < bytes.count else { return [] }
    let sectors = offset / Self.sector..<(offset + count + Self.sector - 1) / Self.sector
    if file.name == unreadable.file, !unreadable.sectors.isDisjoint(with: sectors) {
      throw .io(call: "read", file: file.name, errno: 5)
    }
    return Array(bytes[offset..<min(offset + count, bytes.count)])
  }

  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError) {
    try count(.write, file.name)
    let name = file.name
    let file = content(file)
    let end = offset + bytes.count
    let growth = max(0, end - file.current.count)
    guard growth == 0 || usedBytes + growth <= capacity else { throw .noSpace(file: name) }
    file.current += [UInt8](repeating: 0, count: growth)
    file.current.replaceSubrange(offset..<end, with: bytes)
    // What is written anew can be read again.
    if name == unreadable.file {
      unreadable.sectors = unreadable.sectors.filter { sector in
        sector * Self.sector < offset || (sector + 1) * Self.sector > end
      }
    }
    var start = offset
    while start < end {
      let next = min((start / Self.sector + 1) * Self.sector, end)
      file.pending.append((start, Array(file.current[start..<next])))
      start = next
    }
  }

  func sync(_ file: OpenFile) throws(DiskError) {
    try count(.sync, file.name)
    let file = content(file)
    file.durable = file.current
    file.pending = []
  }

  func syncFolder() throws(DiskError) {
    try count(.syncFolder, "")
    durableNames = names
    pendingNames = []
  }

  func rename(_ name: String, to newName: String) throws(DiskError) {
    try count(.rename, name)
    guard let file = names.removeValue(forKey: name) else { throw .missing(file: name) }
    names[newName] = file
    pendingNames.append(.rename(name, newName))
  }

  func remove(_ name: String) throws(DiskError) {
    try count(.remove, name)
    guard names.removeValue(forKey: name) != nil else { throw .missing(file: name) }
    pendingNames.append(.remove(name))
  }

  func lock(_ name: String) throws(DiskError) -> OpenFile {
    if names[name] == nil {
      let file = File()
      names[name] = file
      durableNames[name] = file
    }
    guard locks.insert(name).inserted else { throw .locked(file: name, holder: "4711") }
    return OpenFile(name: name, number: 0) { [self] _ in locks.remove(name) }
  }

  // MARK: Power cuts

  /// How many things would be lost if nothing unsynced survived.
  var pendingCount: Int {
    pendingNames.count + pendingFiles.reduce(0) { $0 + $1.pending.count }
  }

  /// The disk after a power cut; of the unsynced things, those survive that `survives` picks.
  func afterPowerCut(_ survives: (Int) -> Bool) -> CrashDisk {
    let after = CrashDisk()
    var number = 0
    var kept = durableNames
    for change in pendingNames {
      defer { number += 1 }
      guard survives(number) else { continue }
      switch change {
      case .create(let name, let file): kept[name] = file
      case .rename(let name, let newName):
        if let file = kept.removeValue(forKey: name) { kept[newName] = file }
      case .remove(let name): kept[name] = nil
      }
    }
    var copies: [ObjectIdentifier: File] = [:]
    for file in pendingFiles {
      let copy = File()
      copy.durable = file.durable
      for part in file.pending {
        if survives(number) { copy.apply(part) }
        number += 1
      }
      copies[ObjectIdentifier(file)] = copy
    }
    for (name, file) in kept {
      let copy = copies[ObjectIdentifier(file)] ?? File()
      if copies[ObjectIdentifier(file)] == nil { copy.durable = file.durable }
      copy.current = copy.durable
      after.durableNames[name] = copy
    }
    after.names = after.durableNames
    after.capacity = capacity
    return after
  }

  // MARK: Tampering

  /// The content of a file, as a reader sees it; setting it makes or replaces the file for good.
  subscript(name: String) -> [UInt8] {
    get { names[name]?.current ?? [] }
    set {
      let file = File()
      file.durable = newValue
      file.current = newValue
      names[name] = file
      durableNames[name] = file
    }
  }

  /// Changes one byte in place, also under files that are open.
  func flip(_ name: String, at offset: Int) {
    guard let file = names[name] else { return }
    file.current[offset] ^= 1
    if offset < file.durable.count { file.durable[offset] ^= 1 }
  }

  /// Takes a file away for good.
  func lose(_ name: String) {
    names[name] = nil
    durableNames[name] = nil
  }

  /// The same files on another disk, everything synced.
  func copy() -> CrashDisk {
    let copy = CrashDisk()
    for (name, file) in names { copy[name] = file.current }
    return copy
  }

  /// All files and their bytes, without the lock.
  var contents: [String: [UInt8]] {
    names.filter { $0.key != "lock" }.mapValues(\.current)
  }

  /// Pretends that the process that held the locks and files is gone, but not the power.
  func killProcess() { locks = [] }

  // MARK: Helpers

  /// Files with unsynced bytes, in an order that repeats.
  private var pendingFiles: [File] {
    var seen: Set<ObjectIdentifier> = []
    let files =
      open.keys.sorted().compactMap { open[$0]?.file }
      + names.keys.sorted().compactMap { names[$0] }
    return files.filter { !$0.pending.isEmpty && seen.insert(ObjectIdentifier($0)).inserted }
  }

  private var usedBytes: Int { names.values.reduce(0) { $0 + $1.current.count } }

  private func handle(_ name: String, _ file: File) -> OpenFile {
    opened += 1
    open[opened] = (name, file)
    return OpenFile(name: name, number: opened) { _ in }
  }

  private func content(_ file: OpenFile) -> File {
    guard let entry = open[file.number] else { fatalError("a file of another disk") }
    return entry.file
  }

  private func count(_ call: Call, _ file: String) throws(DiskError) {
    guard calls < cutAfter else { throw .io(call: "power cut", file: file, errno: 5) }
    calls += 1
    log.append((call, file))
    if let failing, failing.call == call, file.hasPrefix(failing.prefix) {
      throw .io(call: call.rawValue, file: file, errno: failing.errno)
    }
  }
}

extension CrashDisk.File {
  fileprivate func apply(_ part: (offset: Int, bytes: [UInt8])) {
    let end = part.offset + part.bytes.count
    if durable.count < end { durable += [UInt8](repeating: 0, count: end - durable.count) }
    durable.replaceSubrange(part.offset..<end, with: part.bytes)
  }
}
