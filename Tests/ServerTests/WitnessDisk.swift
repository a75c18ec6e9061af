import Storage
import Synchronization

/// A disk that remembers which marked bytes a completed sync has covered.
///
/// What is marked is found by the mark itself in what is written, so that nothing the server says
/// about itself is believed.
final class WitnessDisk: ForwardingDisk {
  private struct Memory {
    /// Marks written and not yet synced, by file.
    var written: [String: Set<UInt64>] = [:]
    var durable: Set<UInt64> = []
    var syncsCount = 0
  }

  private static let magic = Array("WITNESS!".utf8)

  let disk: any Disk
  private let memory = Mutex(Memory())

  init(_ disk: any Disk) { self.disk = disk }

  /// A value that can be recognised on its way to the disk.
  static func mark(_ number: UInt64) -> [UInt8] {
    magic + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// Whether a sync that has completed covered the mark of this number.
  func holdsDurably(_ number: UInt64) -> Bool {
    memory.withLock { $0.durable.contains(number) }
  }

  /// How many syncs have completed.
  var syncsCount: Int { memory.withLock { $0.syncsCount } }

  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError) {
    try disk.write(bytes, to: file, at: offset)
    let marks = Self.marks(in: bytes)
    memory.withLock { $0.written[file.name, default: []].formUnion(marks) }
  }

  func sync(_ file: OpenFile) throws(DiskError) {
    // Only what had been written when the sync began is covered by it.
    let covered = memory.withLock { $0.written[file.name] ?? [] }
    try disk.sync(file)
    memory.withLock { memory in
      memory.written[file.name]?.subtract(covered)
      memory.durable.formUnion(covered)
      memory.syncsCount += 1
    }
  }

  private static func marks(in bytes: [UInt8]) -> Set<UInt64> {
    var found: Set<UInt64> = []
    var start = 0
    while start + magic.count + 8 <= bytes.count {
      if bytes[start] == magic[0], bytes[start..<start + magic.count].elementsEqual(magic) {
        let number = bytes[start + magic.count..<start + magic.count + 8]
        found.insert(number.reversed().reduce(0) { $0 << 8 | UInt64($1) })
      }
      start += 1
    }
    return found
  }
}
