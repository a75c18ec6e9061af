package import Wire

extension ClusterConfiguration: WireCodable {
  private static let formatVersion: UInt16 = 1
  private static let seatsMax = 16
  private static let addressSizeMax = 255

  /// Writes version, settings and seats.
  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.formatVersion)
    writer.write(sessionTimeoutMicroseconds)
    writer.write(sessionsMax)
    writer.write(UInt32(seats.count))
    for seat in seats {
      writer.write(seat.member)
      writer.writeText(seat.clientAddress)
      writer.writeText(seat.peerAddress)
    }
  }

  /// Reads a configuration; an unknown version is refused and names itself.
  package init(from reader: inout ByteReader) throws(WireError) {
    let version = try reader.read(UInt16.self)
    guard version == Self.formatVersion else {
      throw .unsupportedVersion(version, what: "cluster configuration")
    }
    let timeout = try reader.read(UInt64.self)
    let sessionsMax = try reader.read(UInt32.self)
    var seats: [Seat] = []
    for _ in 0..<(try reader.readCount(max: Self.seatsMax)) {
      let member = try reader.read(Member.self)
      let clientAddress = try reader.readText(max: Self.addressSizeMax)
      let peerAddress = try reader.readText(max: Self.addressSizeMax)
      seats.append(
        Seat(member: member, clientAddress: clientAddress, peerAddress: peerAddress)
      )
    }
    self.init(
      seats: seats,
      sessionTimeoutMicroseconds: timeout,
      sessionsMax: sessionsMax
    )
  }
}
