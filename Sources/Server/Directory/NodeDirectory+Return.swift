import Consensus
import Raft
package import Storage
import Wire

// A refused directory makes room for one of its node's successor (docs/decisions/0032).
extension NodeDirectory {
  /// Sets aside what a refused directory holds, in files that begin with `refused-`, and makes one
  /// for its successor, which waits to be sent the log; or goes on with that.
  package static func comeBack(on disk: any Disk) throws(NodeDirectoryError) {
    let records = RaftCore.joinerRecords.map {
      JournalRecord(payload: $0.encoded(), isVital: $0.isVital)
    }
    do {
      try DataDirectory.remake(on: disk, records: records) { former throws(StorageError) in
        try successor(of: former)
      }
    } catch {
      throw .storage(error)
    }
  }

  /// Goes on where a process ended that was about it.
  static func finishReturn(on disk: any Disk) throws(NodeDirectoryError) {
    let isBegun: Bool
    do {
      isBegun = try DataDirectory.isHalfRemade(on: disk)
    } catch {
      throw .storage(error)
    }
    if isBegun { try comeBack(on: disk) }
  }

  private static func successor(
    of former: DirectoryIdentity
  ) throws(StorageError) -> DirectoryIdentity {
    var reader = ByteReader(former.payload)
    do {
      let cluster = try reader.read(ClusterID.self)
      let member = try reader.read(Member.self)
      var seat = try DirectoryOwner.seat(of: member, from: &reader)
      seat.member = member.successor
      return directoryIdentity(cluster, seat)
    } catch {
      throw .corrupt(file: "identity", offset: reader.offset, what: "\(error)")
    }
  }
}
