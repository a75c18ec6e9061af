package import Consensus
import Raft
import Storage
package import Wire

/// Whose a data directory is, as the payload of its identity says.
package struct DirectoryOwner: Sendable {
  /// The cluster.
  package let cluster: ClusterID
  /// The member, incarnation included.
  package let member: Member
  /// Where it is reached; nil in directories of earlier releases.
  let home: ClusterConfiguration.Seat?
  /// The journal's first record, if it says who else there is.
  let firstRecord: RecoveredRecord?
  /// The digest of the genesis file of a cluster of mode bft; nil in mode raft.
  package let genesisDigest: Digest?

  /// Reads it; directories of earlier releases end behind the member, and those of mode raft behind
  /// the record.
  package init(payload: [UInt8]) throws(WireError) {
    var reader = ByteReader(payload)
    cluster = try reader.read()
    member = try reader.read()
    home = reader.remaining == 0 ? nil : try Self.seat(of: member, from: &reader)
    firstRecord = reader.remaining == 0 ? nil : try Self.firstRecord(from: &reader)
    genesisDigest = reader.remaining == 0 ? nil : try reader.read()
  }

  private static func firstRecord(
    from reader: inout ByteReader
  ) throws(WireError) -> RecoveredRecord? {
    let payload = try reader.readBlob(max: DirectoryIdentity.payloadSizeMax)
    guard !payload.isEmpty else { return nil }
    let record = try RaftRecord(decoding: payload)
    return RecoveredRecord(position: 1, payload: payload, isVital: record.isVital)
  }

  static func seat(
    of member: Member,
    from reader: inout ByteReader
  ) throws(WireError) -> ClusterConfiguration.Seat {
    ClusterConfiguration.Seat(
      member: member,
      clientAddress: try reader.readText(max: ClusterConfiguration.Seat.addressSizeMax),
      peerAddress: try reader.readText(max: ClusterConfiguration.Seat.addressSizeMax)
    )
  }
}

extension NodeDirectory {
  /// The tag binds every journal record to cluster, node and incarnation.
  ///
  /// The first record is kept here, too, if it says who else there is: a node that has lost its
  /// place in the journal has nobody else to ask for the rest.
  static func directoryIdentity(
    _ cluster: ClusterID,
    _ seat: ClusterConfiguration.Seat,
    first record: RaftRecord? = nil,
    genesisDigest: Digest? = nil
  ) -> DirectoryIdentity {
    var payload = ByteWriter()
    payload.write(cluster)
    payload.write(seat.member)
    let padding = [UInt8](repeating: 0, count: 32 - payload.count)
    let tag = payload.bytes + padding
    payload.writeText(seat.clientAddress)
    payload.writeText(seat.peerAddress)
    if case .entry = record { payload.writeBlob(record?.encoded() ?? []) }
    if let genesisDigest {
      payload.writeBlob([])
      payload.write(genesisDigest)
    }
    return DirectoryIdentity(tag: tag, payload: payload.bytes)
  }
}
