package import Wire

extension NodeStatus: WireCodable {
  /// Writes the node's figures, then the members, then what only a Byzantine cluster has.
  package func encode(into writer: inout ByteWriter) {
    writer.write(id)
    writer.write(processID)
    writer.write(role.rawValue)
    for figure in [term, commitIndex, appliedIndex, lastIndex, durablePosition] {
      writer.write(figure)
    }
    for figure in [firstIndex, snapshotIndex, diskBytes] { writer.write(figure) }
    writer.write(standing.rawValue)
    writer.write(uptimeMilliseconds)
    writer.write(sessions)
    writer.write(connections)
    writer.writeText(version, cutAt: Limits.versionSizeMax)
    writer.write(clusterHigh)
    writer.write(clusterLow)
    writer.write(UInt32(members.count))
    for member in members { writer.write(member) }
    if let byzantine { writer.write(byzantine) }
  }

  /// Reads a status.
  package init(from reader: inout ByteReader) throws(WireError) {
    let id = try reader.read(UInt32.self)
    let processID = try reader.read(UInt32.self)
    let offset = reader.offset
    guard let role = Role(rawValue: try reader.read()) else {
      throw .badValue("role", offset: offset)
    }
    self.init(id: id, processID: processID, role: role, term: try reader.read())
    commitIndex = try reader.read()
    appliedIndex = try reader.read()
    lastIndex = try reader.read()
    durablePosition = try reader.read()
    firstIndex = try reader.read()
    snapshotIndex = try reader.read()
    diskBytes = try reader.read()
    let standingOffset = reader.offset
    guard let standing = Standing(rawValue: try reader.read()) else {
      throw .badValue("standing", offset: standingOffset)
    }
    self.standing = standing
    uptimeMilliseconds = try reader.read()
    sessions = try reader.read()
    connections = try reader.read()
    version = try reader.readText(max: Limits.versionSizeMax)
    clusterHigh = try reader.read()
    clusterLow = try reader.read()
    let count = try reader.readCount(max: Limits.membersMax)
    for _ in 0..<count {
      members.append(try reader.read())
    }
    if reader.remaining > 0 { byzantine = try reader.read() }
  }
}

extension NodeStatus.Member: WireCodable {
  /// Writes number, incarnation, seat and addresses.
  package func encode(into writer: inout ByteWriter) {
    writer.write(id)
    writer.write(incarnation)
    writer.write(seat.rawValue)
    writer.write(replaces)
    writer.writeText(clientAddress, cutAt: Limits.addressSizeMax)
    writer.writeText(peerAddress, cutAt: Limits.addressSizeMax)
  }

  /// Reads a member.
  package init(from reader: inout ByteReader) throws(WireError) {
    let id = try reader.read(UInt32.self)
    let incarnation = try reader.read(UInt64.self)
    let offset = reader.offset
    guard let seat = NodeStatus.Seat(rawValue: try reader.read()) else {
      throw .badValue("seat", offset: offset)
    }
    let replaced = try reader.read(UInt32.self)
    self.init(
      id: id,
      incarnation: incarnation,
      seat: seat,
      clientAddress: try reader.readText(max: Limits.addressSizeMax),
      peerAddress: try reader.readText(max: Limits.addressSizeMax)
    )
    replaces = replaced
  }
}

extension NodeStatus.Byzantine: WireCodable {
  /// Writes view, primary, blocks, suspicion and flags.
  package func encode(into writer: inout ByteWriter) {
    writer.write(view)
    writer.write(primary)
    for figure in [lowWatermark, highWatermark, committedBlock, tipBlock] { writer.write(figure) }
    for flag in [isActive, isFenced, awaitsState, suspectingMilliseconds != nil] {
      writer.write(UInt8(flag ? 1 : 0))
    }
    writer.write(suspectingMilliseconds ?? 0)
    writer.writeText(haltReason, cutAt: Limits.messageSizeMax)
  }

  /// Reads a standing.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(view: try reader.read(), primary: try reader.read(), isActive: false)
    lowWatermark = try reader.read()
    highWatermark = try reader.read()
    committedBlock = try reader.read()
    tipBlock = try reader.read()
    isActive = try reader.readBool()
    isFenced = try reader.readBool()
    awaitsState = try reader.readBool()
    let isSuspecting = try reader.readBool()
    let milliseconds = try reader.read(UInt64.self)
    suspectingMilliseconds = isSuspecting ? milliseconds : nil
    haltReason = try reader.readText(max: Limits.messageSizeMax)
  }
}
