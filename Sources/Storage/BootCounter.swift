import Wire

/// Counts how often a data directory was opened; never goes back.
///
/// Two slots are written in turn, so that a torn write leaves the number before.
enum BootCounter {
  static let fileName = "boot"
  static let unfinishedName = "boot.tmp"
  private static let magic = Array("LKSTPBOT".utf8)
  private static let version: UInt16 = 1
  private static let slotSize = 4096
  /// From here on a counter counts that was lost: above one opening a second for 68 years.
  static let anewFrom: UInt64 = 1 << 31

  /// Makes the counter; the next opening will be one more.
  static func create(_ boot: UInt64 = 0, on disk: any Disk) throws(DiskError) {
    let file = try disk.create(unfinishedName)
    try disk.write(slot(boot) + slot(boot), to: file, at: 0)
    try disk.sync(file)
    try disk.rename(unfinishedName, to: fileName)
    try disk.syncFolder()
  }

  /// Counts one more and makes that durable.
  ///
  /// - Parameters:
  ///   - disk: The folder.
  ///   - canBeginAnew: Whether a counter that is lost begins anew, far above all that it can have
  ///     come to; else that is an error.
  /// - Returns: The number, and what was found of a counter that is lost. A second loss repeats
  ///   numbers, and a node that shows one of them is refused (docs/decisions/0029).
  /// - Throws: What the disk says, or what is wrong with the file.
  static func advance(
    on disk: any Disk,
    canBeginAnew: Bool
  ) throws(StorageError) -> (boot: UInt64, lost: StorageError?) {
    do throws(StorageError) {
      return (try advanceWhole(on: disk), nil)
    } catch {
      guard error.isDamage, canBeginAnew, try isReadable(on: disk) else { throw error }
      try rewrite(anewFrom, on: disk)
      return (anewFrom, error)
    }
  }

  /// Whether no sector fails to be read: what cannot be read now may be there the next time.
  private static func isReadable(on disk: any Disk) throws(StorageError) -> Bool {
    do throws(DiskError) {
      return try SegmentImage(reading: fileName, on: disk).unreadable.isEmpty
    } catch .missing {
      return true
    } catch {
      throw StorageError(error)
    }
  }

  private static func advanceWhole(on disk: any Disk) throws(StorageError) -> UInt64 {
    let (file, slots) = try slots(on: disk)
    var newest: (number: UInt64, place: Int)?
    var isDamaged = false
    for (place, slot) in slots.enumerated() {
      do throws(StorageError) {
        let number = try number(in: slot)
        if number > newest?.number ?? 0 || newest == nil { newest = (number, place) }
      } catch {
        guard error.isDamage else { throw error }
        isDamaged = true
      }
    }
    guard let newest else {
      throw .corrupt(file: fileName, offset: 0, what: "neither of its two slots is whole")
    }
    // A damaged slot may have held the number after the one that is left.
    let boot = newest.number + (isDamaged ? 2 : 1)
    // After damage both: were this slot to rot again, the other would lead to the same number.
    let places = isDamaged ? [1 - newest.place, newest.place] : [1 - newest.place]
    try withDiskFatally { () throws(DiskError) in
      // If its sync failed it may have been read from memory alone, and the other slot, that is
      // written next, would be the only one on the disk.
      try disk.write(slot(newest.number), to: file, at: newest.place * slotSize)
      try disk.sync(file)
      for place in places {
        // Never over the only whole slot: this write may be torn as well.
        try disk.write(slot(boot), to: file, at: place * slotSize)
        try disk.sync(file)
      }
    }
    return boot
  }

  /// The highest number that is whole, which is that of the newest opening; changes nothing.
  static func inspect(_ disk: any Disk) throws(StorageError) -> UInt64 {
    let bytes = try withDisk { () throws(DiskError) in
      try SegmentImage(reading: fileName, on: disk).bytes
    }
    let first = Array(bytes.prefix(slotSize))
    let second = Array(bytes.dropFirst(slotSize))
    do {
      let number = try number(in: first)
      do {
        return max(number, try self.number(in: second))
      } catch {
        return number
      }
    } catch {
      return try number(in: second)
    }
  }

  /// Whether both slots stand there as they were written; `boot` is the newest.
  static func isWhole(_ boot: UInt64, on disk: any Disk) throws(StorageError) -> Bool {
    do throws(StorageError) {
      let image = try withDisk { () throws(DiskError) in
        try SegmentImage(reading: fileName, on: disk)
      }
      // What cannot be read looks like zeros, and may have been some.
      guard image.unreadable.isEmpty else { return false }
      let numbers = try slots(on: disk).slots.map { slot throws(StorageError) in
        try number(in: slot)
      }
      return numbers.contains(boot)
    } catch {
      guard error.isDamage else { throw error }
      return false
    }
  }

  /// Puts a counter with the number of this opening in the place of what is there.
  static func rewrite(_ boot: UInt64, on disk: any Disk) throws(StorageError) {
    try withDisk { () throws(DiskError) in
      do throws(DiskError) { try disk.remove(unfinishedName) } catch .missing {}
      try create(boot, on: disk)
    }
  }

  /// The two slots as the disk gives them; what cannot be read is zeros, and no slot.
  private static func slots(
    on disk: any Disk
  ) throws(StorageError) -> (file: OpenFile, slots: [[UInt8]]) {
    try withDisk { () throws(DiskError) in
      let file = try disk.open(fileName)
      disk.forgetCached(file)
      let bytes = try SegmentImage(reading: fileName, on: disk).bytes
      return (file, [Array(bytes.prefix(slotSize)), Array(bytes.dropFirst(slotSize))])
    }
  }

  private static func slot(_ number: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeRaw(magic)
    writer.write(version)
    writer.writeRaw([UInt8](repeating: 0, count: 6))
    writer.write(number)
    return CheckedBlock.seal(writer.bytes, size: slotSize)
  }

  private static func number(in slot: [UInt8]) throws(StorageError) -> UInt64 {
    try CheckedBlock.check(slot, size: slotSize, magic: magic, version: version, file: fileName)
    var reader = ByteReader(slot, 16..<24)
    do {
      return try reader.read()
    } catch {
      throw .corrupt(file: fileName, offset: 16, what: "\(error)")
    }
  }
}
