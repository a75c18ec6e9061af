import Consensus
import Storage

/// A folder in memory that loses at a power cut what a real one may lose.
///
/// Written bytes are safe after `sync` of their file, names after `syncFolder`; until then a cut
/// takes any part of them, in any order, sector by sector. A fuse blows after a given number of
/// calls, so that a cut can strike between any two of them.
///
/// The protocol asks for `Sendable`; a simulation has one thread, and the disk never leaves it
/// (decision record "One simulated disk, one thread").
final class SimulatedDisk: Disk, @unchecked Sendable {
  private enum NameChange {
    case create(String, SimulatedFile)
    case rename(String, to: String, SimulatedFile)
    case remove(String)
  }

  /// The call at which the power fails, counted down.
  private var callsUntilCut: Int?
  /// Whether the fuse has blown; every call fails until `restorePower`.
  private(set) var isCut = false

  private var random: RandomSource
  /// Looked up by name; listed only in order.
  private var files: [String: SimulatedFile] = [:]
  private var durableFiles: [String: SimulatedFile] = [:]
  private var pendingNames: [NameChange] = []
  private var dirty: [SimulatedFile] = []
  private var opened: [Int: SimulatedFile] = [:]
  private var nextNumber = 1
  private var lockNumber: Int?

  init(random: RandomSource) {
    self.random = random
  }

  // MARK: What a simulation does to it

  /// Lets the power fail at the given call from now, 1 being the next.
  func cutPower(afterCalls count: Int) {
    callsUntilCut = count
  }

  /// The power does not fail after all.
  func keepPower() {
    callsUntilCut = nil
  }

  /// The process is gone; what it wrote stays in the cache, its lock is free.
  func processDied() {
    opened.removeAll()
    lockNumber = nil
    callsUntilCut = nil
  }

  /// The power is gone, and back.
  ///
  /// - Returns: Whether anything written was lost.
  func loseUnsynced() -> Bool {
    processDied()
    isCut = false
    let mercy = PowerCutMercy.allCases[random.number(below: PowerCutMercy.allCases.count)]
    var isAnythingLost = false
    for file in dirty where file.cutPower(mercy, &random) { isAnythingLost = true }
    dirty.removeAll()
    for change in pendingNames where keeps(mercy) { Self.apply(change, to: &durableFiles) }
    pendingNames.removeAll()
    files = durableFiles
    return isAnythingLost
  }

  // MARK: Disk

  func list() throws(DiskError) -> [String] {
    try spend("list", "")
    return files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func open(_ name: String) throws(DiskError) -> OpenFile {
    try spend("open", name)
    guard let file = files[name] else { throw .missing(file: name) }
    return handle(name, file)
  }

  func create(_ name: String) throws(DiskError) -> OpenFile {
    try spend("create", name)
    guard files[name] == nil else { throw .exists(file: name) }
    let file = SimulatedFile()
    change(.create(name, file))
    return handle(name, file)
  }

  func size(of file: OpenFile) throws(DiskError) -> Int {
    try spend("size", file.name)
    return try content(of: file).bytes.count
  }

  func read(_ file: OpenFile, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
    try spend("read", file.name)
    let bytes = try content(of: file).bytes
    let start = min(offset, bytes.count)
    return Array(bytes[start..<min(start + count, bytes.count)])
  }

  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError) {
    let content = try content(of: file)
    // The power may fail in the middle of a write: the cut then decides sector by sector.
    if !isCut {
      if !content.isDirty { dirty.append(content) }
      content.write(bytes, at: offset)
    }
    try spend("write", file.name)
  }

  func sync(_ file: OpenFile) throws(DiskError) {
    // A sync that fails with the power may or may not have reached the platter.
    let isLucky = callsUntilCut == 1 && random.chance(percent: 50)
    if isLucky { try synchronize(file) }
    try spend("sync", file.name)
    try synchronize(file)
  }

  func syncFolder() throws(DiskError) {
    try spend("sync", "")
    for change in pendingNames { Self.apply(change, to: &durableFiles) }
    pendingNames.removeAll()
  }

  func rename(_ name: String, to newName: String) throws(DiskError) {
    try spend("rename", name)
    guard let file = files[name] else { throw .missing(file: name) }
    change(.rename(name, to: newName, file))
  }

  func remove(_ name: String) throws(DiskError) {
    try spend("remove", name)
    guard files[name] != nil else { throw .missing(file: name) }
    change(.remove(name))
  }

  func lock(_ name: String) throws(DiskError) -> OpenFile {
    try spend("lock", name)
    guard lockNumber == nil else { throw .locked(file: name, holder: "another process") }
    let file = files[name] ?? SimulatedFile()
    if files[name] == nil { change(.create(name, file)) }
    let lock = handle(name, file)
    lockNumber = lock.number
    return lock
  }

  // MARK: Helpers

  private func spend(_ call: String, _ name: String) throws(DiskError) {
    if let left = callsUntilCut {
      callsUntilCut = left > 1 ? left - 1 : nil
      if left <= 1 { isCut = true }
    }
    guard !isCut else { throw .io(call: call, file: name, errno: 5) }
  }

  private func handle(_ name: String, _ file: SimulatedFile) -> OpenFile {
    let number = nextNumber
    nextNumber += 1
    opened[number] = file
    return OpenFile(name: name, number: number) { [weak self] in self?.close($0) }
  }

  private func close(_ number: Int) {
    opened[number] = nil
    if lockNumber == number { lockNumber = nil }
  }

  private func content(of file: OpenFile) throws(DiskError) -> SimulatedFile {
    guard let content = opened[file.number] else {
      throw .io(call: "use", file: file.name, errno: 9)
    }
    return content
  }

  private func synchronize(_ file: OpenFile) throws(DiskError) {
    let content = try content(of: file)
    content.sync()
    dirty.removeAll { $0 === content }
  }

  private func change(_ change: NameChange) {
    Self.apply(change, to: &files)
    pendingNames.append(change)
  }

  private func keeps(_ mercy: PowerCutMercy) -> Bool {
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
}
