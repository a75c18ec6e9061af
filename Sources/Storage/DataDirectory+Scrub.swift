// What a running server looks at to find rot before anybody needs the bytes (D21).
extension DataDirectory {
  /// The segments of the journal as they lie there, in order, with their sizes in bytes.
  package func segments() throws(StorageError) -> [(number: UInt64, size: Int)] {
    try withDisk { () throws(DiskError) in
      var found: [(number: UInt64, size: Int)] = []
      for number in try disk.list().compactMap(SegmentHeader.number(of:)).sorted() {
        do throws(DiskError) {
          let file = try disk.open(SegmentHeader.fileName(number))
          found.append((number, try disk.size(of: file)))
        } catch .missing {
          // Forgotten since it was listed.
        }
      }
      return found
    }
  }

  /// Begins to check a segment; nil if it has been forgotten.
  ///
  /// `next` is the number of the segment behind it, nil for the last one. Records behind
  /// `durableThrough` are still being written and are left alone.
  package func scrub(
    segment number: UInt64,
    before next: UInt64?,
    durableThrough: UInt64
  ) throws(StorageError) -> SegmentScrub? {
    let name = SegmentHeader.fileName(number)
    do throws(DiskError) {
      let file = try disk.open(name)
      disk.forgetCached(file)
      return try SegmentScrub(
        of: number,
        file: file,
        on: disk,
        identity: identity.tag,
        until: next.map {
          .successor(SegmentSurvey.firstPosition(of: $0, on: disk, identity: identity.tag))
        } ?? .durable(through: durableThrough)
      )
    } catch .missing {
      return nil
    } catch {
      throw StorageError(error)
    }
  }

  /// Writes again what has rotted of `identity` and `boot`, of which memory holds everything.
  ///
  /// - Returns: The files that were mended.
  package func mendOwnFiles() throws(StorageError) -> [String] {
    var mended: [String] = []
    if try !identity.isWhole(on: disk) {
      try identity.rewrite(on: disk)
      mended.append(DirectoryIdentity.fileName)
    }
    if try !BootCounter.isWhole(bootNumber, on: disk) {
      try BootCounter.rewrite(bootNumber, on: disk)
      mended.append(BootCounter.fileName)
    }
    return mended
  }
}

extension FoundDamage {
  /// What a scrub said of a segment; nil if the segment is missing.
  package init(inSegment number: UInt64, _ error: StorageError?) {
    let file = SegmentHeader.fileName(number)
    switch error {
    case nil, .missing: self.init(file: file, offset: 0, what: "it is missing")
    case .corrupt(_, let offset, let what): self.init(file: file, offset: offset, what: what)
    case .diskFailed(let call, _, let errno):
      self.init(file: file, offset: 0, what: "\(call) gives errno \(errno)")
    case .some(let error): self.init(file: file, offset: 0, what: error.reason)
    }
  }
}
