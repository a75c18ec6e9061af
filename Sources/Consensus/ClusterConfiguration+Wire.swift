package import Wire

// Version 1 has voters only; version 2 says who learns and who leaves, and is written only where
// somebody does, so that each configuration has one form.
extension ClusterConfiguration: WireCodable {
  private static let plainVersion: UInt16 = 1
  private static let fullVersion: UInt16 = 2
  private static let seatsMax = 16

  /// Writes version, settings and seats; then, if there are any, learners and leaving voters.
  package func encode(into writer: inout ByteWriter) {
    writer.write(isPlain ? Self.plainVersion : Self.fullVersion)
    writer.write(sessionTimeoutMicroseconds)
    writer.write(sessionsMax)
    Self.write(seats, into: &writer)
    guard !isPlain else { return }
    writer.write(UInt32(learners.count))
    for learner in learners {
      writer.write(learner.seat)
      writer.write(learner.promotesItself)
      writer.write(learner.replaces?.rawValue ?? 0)
    }
    Self.write(outgoing, into: &writer)
  }

  /// Reads a configuration; an unknown version is refused and names itself.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let version = try reader.read(UInt16.self)
    guard version == Self.plainVersion || version == Self.fullVersion else {
      throw .unsupportedVersion(version, what: "cluster configuration")
    }
    let timeout = try reader.read(UInt64.self)
    let sessionsMax = try reader.read(UInt32.self)
    self.init(
      seats: try Self.readSeats(from: &reader),
      sessionTimeoutMicroseconds: timeout,
      sessionsMax: sessionsMax
    )
    guard version == Self.fullVersion else { return }
    for _ in 0..<(try reader.readCount(max: Self.seatsMax)) {
      let seat = try reader.read(Seat.self)
      let promotesItself = try reader.readBool()
      let replaced = try reader.read(UInt32.self)
      learners.append(
        Learner(
          seat: seat,
          promotesItself: promotesItself,
          replaces: replaced == 0 ? nil : NodeID(replaced)
        )
      )
    }
    outgoing = try Self.readSeats(from: &reader)
    guard !isPlain else { throw .badValue("cluster configuration", offset: offset) }
  }

  private var isPlain: Bool { learners.isEmpty && outgoing.isEmpty }

  private static func write(_ seats: [Seat], into writer: inout ByteWriter) {
    writer.write(UInt32(seats.count))
    for seat in seats { writer.write(seat) }
  }

  private static func readSeats(from reader: inout ByteReader) throws(WireError) -> [Seat] {
    var seats: [Seat] = []
    for _ in 0..<(try reader.readCount(max: seatsMax)) {
      seats.append(try reader.read())
    }
    return seats
  }
}

extension ClusterConfiguration.Seat: WireCodable {
  /// The most bytes of an address.
  package static let addressSizeMax = 255

  /// Writes the member and both addresses.
  package func encode(into writer: inout ByteWriter) {
    writer.write(member)
    writer.writeText(clientAddress)
    writer.writeText(peerAddress)
  }

  /// Reads a seat.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      member: try reader.read(),
      clientAddress: try reader.readText(max: Self.addressSizeMax),
      peerAddress: try reader.readText(max: Self.addressSizeMax)
    )
  }
}
