package import Wire

/// How a replica stands, told to all a few times a second: whoever has what it lacks sends it.
///
/// Nothing else is ever sent again by itself. Nothing in it is signed, because nothing is decided
/// by it.
package struct Status: Hashable, Sendable {
  /// Its view.
  package var view: View
  /// Whether it votes in that view already.
  package var isActive: Bool
  /// The newest block of its log.
  package var tip: SequenceNumber
  /// The highest block that it knows to be prepared.
  package var prepared: BlockPlace
  /// The newest block that it knows to be committed.
  package var committed: SequenceNumber
  /// The newest checkpoint that it knows to be stable.
  package var stable: SequenceNumber
  /// Whether it does not vote, as it may have forgotten promises (see `Fence`).
  package var isFenced: Bool
  /// The newest of the recipient's own votes that it has seen: a disk put back shows by it.
  package var newest: Vote?

  package init(
    view: View,
    isActive: Bool,
    tip: SequenceNumber,
    prepared: BlockPlace,
    committed: SequenceNumber,
    stable: SequenceNumber,
    isFenced: Bool,
    newest: Vote?
  ) {
    self.view = view
    self.isActive = isActive
    self.tip = tip
    self.prepared = prepared
    self.committed = committed
    self.stable = stable
    self.isFenced = isFenced
    self.newest = newest
  }
}

extension Status: WireCodable {
  /// Writes all fields in order.
  package func encode(into writer: inout ByteWriter) {
    writer.write(view)
    writer.write(isActive)
    writer.write(tip)
    writer.write(prepared)
    writer.write(committed)
    writer.write(stable)
    writer.write(isFenced)
    writer.writeOptional(newest)
  }

  /// Reads a status.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      view: try reader.read(),
      isActive: try reader.readBool(),
      tip: try reader.read(),
      prepared: try reader.read(),
      committed: try reader.read(),
      stable: try reader.read(),
      isFenced: try reader.readBool(),
      newest: try reader.readOptional()
    )
  }
}

/// What a replica holds that bounds another's forgotten promises (see `Fence`).
package struct FenceReport: Hashable, Sendable {
  /// The number of the question.
  package var nonce: UInt64
  /// The reporter's view.
  package var view: View
  /// What it knows to be stable.
  package var stable: StableCertificate?
  /// The newest of the asker's votes that it has seen.
  package var newest: Vote?
  /// The newest of the asker's view changes that it has seen.
  package var viewChange: ViewChange?

  package init(
    nonce: UInt64,
    view: View,
    stable: StableCertificate?,
    newest: Vote?,
    viewChange: ViewChange?
  ) {
    self.nonce = nonce
    self.view = view
    self.stable = stable
    self.newest = newest
    self.viewChange = viewChange
  }
}

extension FenceReport: WireCodable {
  /// Writes all fields in order.
  package func encode(into writer: inout ByteWriter) {
    writer.write(nonce)
    writer.write(view)
    writer.writeOptional(stable)
    writer.writeOptional(newest)
    writer.writeOptional(viewChange)
  }

  /// Reads a report.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      nonce: try reader.read(),
      view: try reader.read(),
      stable: try reader.readOptional(),
      newest: try reader.readOptional(),
      viewChange: try reader.readOptional()
    )
  }
}
