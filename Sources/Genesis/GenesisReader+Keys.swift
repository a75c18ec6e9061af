import BSON
import Consensus

// What a file of format 2 has more than one of format 1: the mode, the scheme and the keys.
extension GenesisReader {
  /// The most bytes of a client's name.
  private static let nameSizeMax = 64

  func refuseOtherModes(_ file: BSONDocument) throws(GenesisError) {
    let mode = try string(file, "mode", "")
    guard mode == "bft" else { throw wrong("mode: '\(mode)' is unknown; format 2 has bft") }
    let scheme = try string(file, "scheme", "")
    guard scheme == "ed25519" else {
      throw wrong("scheme: '\(scheme)' is unknown; this program knows ed25519")
    }
  }

  func keys(
    _ file: BSONDocument,
    of seats: [ClusterConfiguration.Seat]
  ) throws(GenesisError) -> GenesisKeys {
    guard case .array(let members) = file["members"] else {
      throw wrong("members: a list is missing")
    }
    if let objection = GenesisKeys.objection(toMembers: members.count) {
      throw wrong("members: \(objection)")
    }
    var memberKeys: [NodeID: PublicKey] = [:]
    for (index, value) in members.enumerated() {
      let place = "members[\(index)]"
      let member = try object(value, place)
      let id = try integer(member, "id", place + ".", 1...Int(UInt32.max))
      memberKeys[NodeID(UInt32(id))] = try key(member, place)
    }
    // The file may list members in any order; seats are in order of node id.
    let keys = GenesisKeys(
      members: seats.compactMap { memberKeys[$0.member.id] },
      clients: try clients(file)
    )
    let all = (keys.members + keys.clients.map(\.key)).sorted()
    for (left, right) in zip(all, all.dropFirst()) where left == right {
      throw wrong("the key \(left) appears twice")
    }
    return keys
  }

  private func clients(_ file: BSONDocument) throws(GenesisError) -> [GenesisKeys.Client] {
    guard case .array(let values) = file["clients"] else {
      throw wrong("clients: a list is missing")
    }
    guard (1...GenesisKeys.clientsMax).contains(values.count) else {
      throw wrong("clients: \(values.count) clients, from 1 to \(GenesisKeys.clientsMax)")
    }
    var clients: [GenesisKeys.Client] = []
    for (index, value) in values.enumerated() {
      let place = "clients[\(index)]"
      let client = try object(value, place)
      try refuseUnknown(client, place + ".", ["name", "key"])
      let name = try string(client, "name", place + ".")
      guard name.utf8.count <= Self.nameSizeMax else {
        throw wrong("\(place).name: it is longer than \(Self.nameSizeMax) bytes")
      }
      clients.append(.init(name: name, key: try key(client, place)))
    }
    guard Set(clients.map { Array($0.name.utf8) }).count == clients.count else {
      throw wrong("clients: a name appears twice")
    }
    return clients
  }

  private func key(_ document: BSONDocument, _ place: String) throws(GenesisError) -> PublicKey {
    let text = try string(document, "key", place + ".")
    guard let key = PublicKey(hexadecimal: text) else {
      throw wrong("\(place).key: '\(text)' is not 64 hexadecimal digits")
    }
    guard key.isStrict else { throw wrong("\(place).key: \(text) is no usable Ed25519 key") }
    return key
  }
}
