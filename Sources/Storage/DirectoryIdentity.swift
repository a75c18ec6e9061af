import Wire

/// Whose data directory it is.
package struct DirectoryIdentity: Equatable, Sendable {
  /// 32 bytes that no other node of any cluster bears; every journal record is bound to them.
  package let tag: [UInt8]
  /// What the server wants to find again at its start: at most 1 MiB.
  package let payload: [UInt8]

  /// An identity of these bytes.
  package init(tag: [UInt8], payload: [UInt8]) {
    guard tag.count == SegmentHeader.identitySize, payload.count <= Self.payloadSizeMax else {
      fatalError("an identity tag is 32 bytes and its payload at most 1 MiB")
    }
    self.tag = tag
    self.payload = payload
  }

  /// The most bytes that a server may want to find again.
  package static let payloadSizeMax = 1 << 20
}

extension DirectoryIdentity {
  static let fileName = "identity"
  private static let unfinishedName = "identity.tmp"
  private static let magic = Array("LKSTPIDN".utf8)
  private static let version: UInt16 = 1

  /// Writes both copies aside and gives them their name last: that makes the directory valid.
  func write(to disk: any Disk) throws(DiskError) {
    let copy = encoded()
    let file = try disk.create(Self.unfinishedName)
    try disk.write(copy + copy, to: file, at: 0)
    try disk.sync(file)
    try disk.rename(Self.unfinishedName, to: Self.fileName)
    try disk.syncFolder()
  }

  /// Reads the identity from whichever copy is whole, and mends the other.
  static func read(from disk: any Disk) throws(StorageError) -> DirectoryIdentity {
    let (file, bytes) = try withDisk { () throws(DiskError) in
      // A copy that lies where the disk cannot read is as good as one with wrong bytes.
      (try disk.open(fileName), try SegmentImage(reading: fileName, on: disk).bytes)
    }
    let half = bytes.count / 2
    let first = Array(bytes[..<half])
    let second = Array(bytes[half...])
    guard
      bytes.isEmpty || first.prefix(8) == magic[...] || second.prefix(8) == magic[...]
    else {
      throw .foreign(file: fileName, what: "this directory was made by another program")
    }
    do {
      let identity = try DirectoryIdentity(decoding: first)
      try mend(second, from: first, at: half, in: file, on: disk)
      return identity
    } catch {
      guard case .corrupt = error else { throw error }
    }
    do {
      let identity = try DirectoryIdentity(decoding: second)
      try mend(first, from: second, at: 0, in: file, on: disk)
      return identity
    } catch {
      guard case .corrupt = error else { throw error }
      throw .corrupt(file: fileName, offset: 0, what: "neither of its two copies is whole")
    }
  }

  /// Reads the identity from whichever copy is whole, and changes nothing.
  static func inspect(
    _ disk: any Disk,
    name: String = fileName
  ) throws(StorageError) -> DirectoryIdentity {
    let bytes = try withDisk { () throws(DiskError) in
      try SegmentImage(reading: name, on: disk).bytes
    }
    let half = bytes.count / 2
    do {
      return try DirectoryIdentity(decoding: Array(bytes[..<half]))
    } catch {
      return try DirectoryIdentity(decoding: Array(bytes[half...]))
    }
  }

  /// Whether both copies stand there as they were written.
  func isWhole(on disk: any Disk) throws(StorageError) -> Bool {
    let copy = encoded()
    do throws(DiskError) {
      disk.forgetCached(try disk.open(Self.fileName))
      let image = try SegmentImage(reading: Self.fileName, on: disk)
      // What cannot be read looks like zeros, and may have been some.
      return image.unreadable.isEmpty && image.bytes == copy + copy
    } catch .missing {
      return false
    } catch {
      throw StorageError(error)
    }
  }

  /// Puts both copies in the place of what is there.
  func rewrite(on disk: any Disk) throws(StorageError) {
    try withDisk { () throws(DiskError) in
      do throws(DiskError) { try disk.remove(Self.unfinishedName) } catch .missing {}
      try write(to: disk)
    }
  }

  private static func mend(
    _ copy: [UInt8],
    from other: [UInt8],
    at offset: Int,
    in file: OpenFile,
    on disk: any Disk
  ) throws(StorageError) {
    guard copy != other else { return }
    try withDiskFatally { () throws(DiskError) in
      try disk.write(other, to: file, at: offset)
      try disk.sync(file)
    }
  }

  private func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.writeRaw(Self.magic)
    writer.write(Self.version)
    writer.write(UInt16(0))
    writer.write(UInt32(payload.count))
    writer.writeRaw(tag)
    writer.writeRaw(payload)
    return CheckedBlock.seal(writer.bytes, size: (writer.count + 4 + 4095) & ~4095)
  }

  private init(decoding copy: [UInt8]) throws(StorageError) {
    guard copy.count >= 4096 else {
      throw .corrupt(file: Self.fileName, offset: copy.count, what: "it is cut off")
    }
    try CheckedBlock.check(
      copy,
      size: copy.count,
      magic: Self.magic,
      version: Self.version,
      file: Self.fileName
    )
    var reader = ByteReader(copy, 12..<copy.count - 4)
    do {
      let length = try reader.readCount(max: Self.payloadSizeMax)
      tag = try reader.readRaw(SegmentHeader.identitySize)
      payload = try reader.readRaw(length)
    } catch {
      throw .corrupt(file: Self.fileName, offset: 0, what: "\(error)")
    }
  }
}
