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
  /// The call at which the power fails, counted down.
  private var callsUntilCut: Int?
  /// Whether the fuse has blown; every call fails until the power is back.
  private(set) var isCut = false
  /// Asked at every call that changes something whether the process ends there, and how.
  var fuse: ((DiskStep) -> PowerCut?)?
  /// What the fuse has said.
  private var plannedCut: PowerCut?
  /// Where was written last.
  private var lastWritten: SimulatedFile?

  private var random: RandomSource
  private var folder = SimulatedFolder()
  private var opened: [Int: SimulatedFile] = [:]
  private var nextNumber = 1
  private var lockNumber: Int?
  private var trouble = DiskTrouble()

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

  /// Lets the next sync fail, and what it was to write be lost.
  func failNextSync() { trouble.failsNextSync = true }

  /// Lets the next write fail in its middle.
  func failNextWrite() { trouble.failsNextWrite = true }

  /// Lets the files grow by so many bytes and no further; nil ends that.
  func setFreeBytes(_ count: Int?) { trouble.freeBytes = count }

  /// Whether something has filled it but for some bytes.
  var isFilled: Bool { trouble.freeBytes != nil }

  /// Whether a call failed for want of space since this was asked last.
  func takeSpaceMissed() -> Bool {
    defer { trouble.wasSpaceMissed = false }
    return trouble.wasSpaceMissed
  }

  /// Why the call that failed last did so, unless for want of power or space.
  func takeFailure() -> FaultKind? {
    defer { trouble.failure = nil }
    return trouble.failure
  }

  /// The disk is good again; what it has lost stays lost.
  func heal() {
    trouble = DiskTrouble()
    keepPower()
  }

  /// The files that are safe, with their sizes.
  var platter: [(name: String, size: Int)] { folder.platter }

  /// Something becomes of a block of a file that was synced.
  ///
  /// - Returns: What puts it back; nil if nothing has changed.
  func damage(
    _ block: Int,
    of name: String,
    _ damage: DiskDamage,
    sparingRecent: Bool
  ) -> (() -> Void)? {
    guard let file = folder.safeFile(name) else { return nil }
    guard damage == .missing else {
      return file.damage(block, damage, sparingRecent: sparingRecent, &random)
    }
    guard folder.lose(name) else { return nil }
    return { [self] in folder.putBack(file, as: name) }
  }

  /// A file is gone; false if there is none that is safe.
  func lose(_ name: String) -> Bool { folder.safeFile(name) != nil && folder.lose(name) }

  /// Another disk with what is on the platter of this one.
  func copy() -> SimulatedDisk {
    let copy = SimulatedDisk(random: random)
    copy.folder = SimulatedFolder(onPlatterLike: folder)
    return copy
  }

  /// All files as they are on the platter, in order of their names.
  var durableContents: [(name: String, bytes: [UInt8])] { folder.durableContents }

  /// Whether every sector can be read, also where nothing has been written yet: what is written to
  /// a part of one that cannot is lost.
  var isReadable: Bool { fileNames.allSatisfy { folder[$0]?.isReadable ?? true } }

  /// How many bytes the files have whose names satisfy a condition, synced or not.
  func size(of isCounted: (String) -> Bool) -> Int {
    fileNames.filter(isCounted).reduce(0) { $0 + (folder[$1]?.bytes.count ?? 0) }
  }

  /// Those of a journal, without spares.
  var journalSegments: [(name: String, bytes: [UInt8])] {
    durableContents.filter { $0.name.hasSuffix(".seg") && !$0.name.contains("spare") }
  }

  /// Other files take the place of all that are there, while no process runs.
  func replaceFiles(with contents: [(name: String, bytes: [UInt8])]) {
    processDied()
    isCut = false
    folder = SimulatedFolder(durable: contents)
  }

  /// The process is gone; what it wrote stays in the cache, its lock is free.
  func processDied() {
    opened.removeAll()
    lockNumber = nil
    callsUntilCut = nil
    trouble.failure = nil
  }

  /// The power is gone, and back.
  ///
  /// - Returns: Whether anything written was lost.
  func loseUnsynced() -> Bool {
    processDied()
    isCut = false
    if let cut = plannedCut.take() {
      folder.cutPower(cut, lastWritten: lastWritten, &random)
      return cut != .kill
    }
    let mercy = PowerCutMercy.allCases[random.number(below: PowerCutMercy.allCases.count)]
    return folder.cutPower(mercy, &random)
  }

  /// The files as a process would list them; not a call of its own.
  var fileNames: [String] { folder.names }

  // MARK: Disk

  func list() throws(DiskError) -> [String] {
    try spend("list", "")
    return fileNames
  }

  func open(_ name: String) throws(DiskError) -> OpenFile {
    try spend("open", name)
    guard let file = folder[name] else { throw .missing(file: name) }
    return handle(name, file)
  }

  func create(_ name: String) throws(DiskError) -> OpenFile {
    try spend("create", name)
    guard folder[name] == nil else { throw .exists(file: name) }
    if trouble.freeBytes == 0, random.oneIn(2) { throw noSpace(name) }
    let file = SimulatedFile()
    folder.change(.create(name, file))
    try pass("create", name)
    return handle(name, file)
  }

  func size(of file: OpenFile) throws(DiskError) -> Int {
    try spend("size", file.name)
    return try content(of: file).bytes.count
  }

  func read(_ file: OpenFile, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
    try spend("read", file.name)
    let content = try content(of: file)
    let start = min(offset, content.bytes.count)
    let range = start..<min(start + count, content.bytes.count)
    guard content.isReadable(range) else {
      throw .io(call: "read", file: file.name, errno: 5)
    }
    return Array(content.bytes[range])
  }

  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError) {
    let content = try content(of: file)
    // The power may fail in the middle of a write: the cut then decides sector by sector.
    let kept = isCut ? 0 : keptCount(of: bytes, in: content, at: offset)
    if kept > 0 {
      folder.noteWrite(of: content)
      content.write(kept == bytes.count ? bytes : Array(bytes[..<kept]), at: offset)
    }
    try spend("write", file.name)
    lastWritten = content
    try pass("write", file.name, offset..<offset + kept)
    guard kept < bytes.count else { return }
    if trouble.failure != nil { throw .io(call: "write", file: file.name, errno: 5) }
    throw noSpace(file.name)
  }

  /// How many of the bytes are written: all, or what fits, or what comes before an error.
  private func keptCount(of bytes: [UInt8], in content: SimulatedFile, at offset: Int) -> Int {
    if trouble.failsNextWrite, !bytes.isEmpty {
      trouble.failsNextWrite = false
      trouble.failure = .writeError
      return random.number(below: bytes.count)
    }
    guard let free = trouble.freeBytes else { return bytes.count }
    let growth = max(0, offset + bytes.count - content.bytes.count)
    trouble.freeBytes = free - min(growth, free)
    return bytes.count - (growth - min(growth, free))
  }

  private func noSpace(_ name: String) -> DiskError {
    trouble.wasSpaceMissed = true
    return .noSpace(file: name)
  }

  func sync(_ file: OpenFile) throws(DiskError) {
    // A sync that fails with the power may or may not have reached the platter.
    let isLucky = callsUntilCut == 1 && random.chance(percent: 50)
    if isLucky { try synchronize(file) }
    try spend("sync", file.name)
    if trouble.failsNextSync {
      try content(of: file).failSync(&random)
      throw syncFailed(file.name)
    }
    try pass("sync", file.name)
    try synchronize(file)
  }

  func syncFolder() throws(DiskError) {
    try spend("sync", "")
    try pass("sync", "")
    if trouble.failsNextSync {
      folder.failSync(&random)
      throw syncFailed("")
    }
    folder.syncNames()
  }

  private func syncFailed(_ name: String) -> DiskError {
    trouble.failsNextSync = false
    trouble.failure = .syncError
    return .io(call: "sync", file: name, errno: 5)
  }

  func rename(_ name: String, to newName: String) throws(DiskError) {
    try spend("rename", name)
    guard let file = folder[name] else { throw .missing(file: name) }
    folder.change(.rename(name, to: newName, file))
    try pass("rename", newName)
  }

  func remove(_ name: String) throws(DiskError) {
    try spend("remove", name)
    guard let file = folder[name] else { throw .missing(file: name) }
    if let free = trouble.freeBytes { trouble.freeBytes = free + file.bytes.count }
    folder.change(.remove(name))
    try pass("remove", name)
  }

  func lock(_ name: String) throws(DiskError) -> OpenFile {
    try spend("lock", name)
    guard lockNumber == nil else { throw .locked(file: name, holder: "another process") }
    let file = folder[name] ?? SimulatedFile()
    if folder[name] == nil { folder.change(.create(name, file)) }
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

  /// A call's change is in the cache and not yet safe: the fuse may blow.
  private func pass(
    _ call: String,
    _ name: String,
    _ written: Range<Int>? = nil
  ) throws(DiskError) {
    guard let fuse else { return }
    let step = DiskStep(
      call: call,
      file: name,
      pendingCount: folder.pendingCount,
      written: written
    )
    guard let cut = fuse(step) else { return }
    plannedCut = cut
    isCut = true
    throw .io(call: call, file: name, errno: 5)
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
    folder.sync(try content(of: file))
  }
}
