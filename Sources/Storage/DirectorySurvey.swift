/// A data directory as it lies there: read without a lock, and without changing anything.
///
/// Beside a running server it shows a moment: a file may be gone between two looks.
package struct DirectorySurvey: Sendable {
  /// A file that cannot be read as what its name says.
  package struct Problem: Equatable, Sendable {
    /// The file.
    package let file: String
    /// What is wrong.
    package let what: String
  }

  /// Whose directory it is; nil if no copy is whole.
  package let identity: DirectoryIdentity?
  /// How often it was opened; nil if unknown.
  package let bootNumber: UInt64?
  /// The process that opened it last.
  package let lastProcess: String?
  /// The names and sizes of all files.
  package let files: [(name: String, size: Int)]
  /// The names of what is no file, such as folders, or cannot be opened.
  package let others: [String]
  /// The segments' numbers, in order.
  package let segments: [UInt64]
  /// What is wrong with the small files, and which segments are missing.
  package let problems: [Problem]

  private let disk: any Disk

  /// Looks at a folder.
  package init(of disk: any Disk) throws(StorageError) {
    self.disk = disk
    let names = try withDisk { () throws(DiskError) in try disk.list() }
    var problems: [Problem] = []
    func attempt<Value>(_ file: String, _ body: () throws(StorageError) -> Value) -> Value? {
      do throws(StorageError) {
        return try body()
      } catch {
        problems.append(Problem(file: file, what: error.reason))
        return nil
      }
    }
    guard names.contains(where: { $0 != DataDirectory.lockName }) else { throw .empty }
    identity = attempt(DirectoryIdentity.fileName) { () throws(StorageError) in
      try DirectoryIdentity.inspect(disk)
    }
    bootNumber = attempt(BootCounter.fileName) { () throws(StorageError) in
      try BootCounter.inspect(disk)
    }
    lastProcess = Self.lastProcess(disk)
    let sizes = names.map { (name: $0, size: Self.size(of: $0, on: disk)) }
    files = sizes.compactMap { file in file.size.map { (file.name, $0) } }
    others = sizes.filter { $0.size == nil }.map(\.name)
    for name in others where Self.isVital(name) {
      problems.append(Problem(file: name, what: "it is no file, or cannot be opened"))
    }
    segments = files.compactMap { SegmentHeader.number(of: $0.name) }.sorted()
    for (number, next) in zip(segments, segments.dropFirst()) where next > number + 1 {
      let more = next - number - 2
      problems.append(
        Problem(
          file: SegmentHeader.fileName(number + 1),
          what: more == 0 ? "it is missing" : "it is missing, and \(more) more behind it"
        )
      )
    }
    self.problems = problems
  }

  /// Keeps servers out as long as the result lives, unless one is at work.
  ///
  /// A directory that was copied without its lock's file has no server.
  package func lock() throws(StorageError) -> OpenFile? {
    guard files.contains(where: { $0.name == DataDirectory.lockName }) else { return nil }
    return try withDisk { () throws(DiskError) in try disk.lock(DataDirectory.lockName) }
  }

  /// What stands in one segment.
  ///
  /// Without an identity the segment's own is taken, if its header is whole.
  package func segment(_ number: UInt64) throws(StorageError) -> SegmentSurvey {
    let tag = try tag(in: number)
    let next = segments.first { $0 > number }
    return try SegmentSurvey(
      of: number,
      on: disk,
      identity: tag,
      before: next.map { SegmentSurvey.firstPosition(of: $0, on: disk, identity: tag) }
    )
  }

  /// What stands in the snapshots; `cluster` is the 16 bytes of the cluster.
  ///
  /// One that a running node has replaced meanwhile is passed over.
  package func snapshots(cluster: [UInt8]) throws(StorageError) -> [SnapshotSurvey] {
    var surveys: [SnapshotSurvey] = []
    for file in files {
      do throws(StorageError) {
        if let survey = try SnapshotSurvey(named: file.name, on: disk, cluster: cluster) {
          surveys.append(survey)
        }
      } catch .missing {
        continue
      } catch {
        throw error
      }
    }
    return surveys
  }

  private func tag(in number: UInt64) throws(StorageError) -> [UInt8] {
    if let identity { return identity.tag }
    let name = SegmentHeader.fileName(number)
    let image = try withDisk { () throws(DiskError) in try SegmentImage(reading: name, on: disk) }
    let block = Array(image.bytes.prefix(SegmentHeader.size))
    return try SegmentHeader(decoding: block, file: name).identity
  }

  private static func lastProcess(_ disk: any Disk) -> String? {
    do {
      let text = try disk.read(try disk.open(DataDirectory.lockName), at: 0, count: 20)
      let digits = text.prefix { $0 >= 0x30 && $0 <= 0x39 }
      return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    } catch {
      return nil
    }
  }

  /// Whether only a file may bear this name.
  private static func isVital(_ name: String) -> Bool {
    SegmentHeader.number(of: name) != nil || SnapshotFile.index(of: name) != nil
  }

  private static func size(of name: String, on disk: any Disk) -> Int? {
    do { return try disk.size(of: try disk.open(name)) } catch { return nil }
  }
}
