import Consensus
package import Wire

extension Endorsement: WireCodable {
  /// Writes replica, counter and signature.
  package func encode(into writer: inout ByteWriter) {
    writer.write(replica)
    writer.write(counter)
    writer.write(signature)
  }

  /// Reads an endorsement.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      replica: try reader.read(),
      counter: try reader.readNumber("counter"),
      signature: try reader.read()
    )
  }
}

extension ByteReader {
  /// Reads endorsements of different replicas, ascending: one list has one form.
  fileprivate mutating func readEndorsements() throws(WireError) -> [Endorsement] {
    let offset = offset
    let list: [Endorsement] = try readList(max: ReplicaNumber.countMax)
    guard zip(list, list.dropFirst()).allSatisfy({ $0.replica < $1.replica }) else {
      throw .badValue("order of endorsements", offset: offset)
    }
    return list
  }
}

extension PreparedCertificate: WireCodable {
  /// Writes header, the primary's and the backups' endorsements.
  package func encode(into writer: inout ByteWriter) {
    writer.write(header)
    writer.write(primary)
    writer.writeList(backups)
  }

  /// Reads a certificate; whether it proves anything is `Authority`'s question.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      header: try reader.read(),
      primary: try reader.read(),
      backups: try reader.readEndorsements()
    )
  }
}

extension CommitCertificate: WireCodable {
  /// Writes header and endorsements.
  package func encode(into writer: inout ByteWriter) {
    writer.write(header)
    writer.writeList(replicas)
  }

  /// Reads a certificate; whether it proves anything is `Authority`'s question.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(header: try reader.read(), replicas: try reader.readEndorsements())
  }
}

extension StableCertificate: WireCodable {
  /// Writes header, state root and endorsements.
  package func encode(into writer: inout ByteWriter) {
    writer.write(header)
    writer.write(stateRoot)
    writer.writeList(replicas)
  }

  /// Reads a certificate; whether it proves anything is `Authority`'s question.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      header: try reader.read(),
      stateRoot: try reader.read(),
      replicas: try reader.readEndorsements()
    )
  }
}
