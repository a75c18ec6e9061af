import Consensus
import Documents
import Replication
import Storage
import Transport

extension NodeDirectory {
  /// The replica that goes on from what the directory holds; called once.
  func replica<Core>(
    _ begun: ReplicaStart<Core>,
    with machine: DocumentStore
  ) throws(ServerError) -> Replica<Core, DocumentStore> {
    var start = begun
    start.holes = damage.map { $0.first...$0.last }
    start.isVoteCertain = isVoteCertain
    start.firstRecord = firstRecord
    defer { UnusedMemory.release() }
    let (records, restored) = recovered.take()
    do {
      return try Replica(start: start, machine: machine, restored: restored, recovered: records)
    } catch {
      // Whoever has read the files can name them.
      if error.isAboutFiles, let refusal { throw .journal(refusal) }
      throw .replica(error)
    }
  }
}
