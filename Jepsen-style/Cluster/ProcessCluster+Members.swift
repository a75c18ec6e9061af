import LockstepClient

/// Members of a cluster whose processes are still the same few.
///
/// A member's number is never used again. So the node that is the second process is member 2, then
/// 102, then 202.
extension ProcessCluster {
  /// What lies between the numbers that one process has one after the other.
  static let numberStep = 100
  /// How often a process may have another number.
  static let numbersMax = 20

  /// The number under which a node is a member.
  package func memberNumber(of node: Int) -> Int { numbers[node] ?? node }

  /// The node that has a member's number.
  static func node(ofMember number: UInt32) -> Int { Int(number) % numberStep }

  /// Whether a member votes, and nobody else is coming or going in its place.
  func isVoter(_ number: Int) async -> Bool {
    guard let status = try? await connectedClient()?.cluster.status() else { return false }
    return status.nodes.filter { $0.id == UInt32(number) }.map(\.seat) == ["voter"]
      && !status.nodes.contains { $0.replaces == UInt32(number) }
  }

  /// Whether a node votes and finds itself sound.
  package func isWhole(_ node: Int) async -> Bool {
    let number = memberNumber(of: node)
    guard await isVoter(number) else { return false }
    return await view(of: node)?.state == "sound"
  }

  /// Whether a node is still the member of the genesis file; one that came back as another has no
  /// use for a directory made from that.
  func isOfGenesis(_ node: Int) async -> Bool {
    let number = UInt32(memberNumber(of: node))
    guard let status = try? await connectedClient()?.cluster.status(),
      let incarnation = status.nodes.first(where: { $0.id == number })?.incarnation
    else { return false }
    return Folder.text(of: genesisFile).contains(String(incarnation, radix: 16) + "\"")
  }

  /// Removes a member; whether it is none any more.
  func removeMember(_ number: Int) async -> Bool {
    guard let client = await connectedClient() else { return false }
    do {
      try await client.cluster.remove(UInt32(number), timeout: .seconds(2))
      return true
    } catch {
      // An earlier attempt may have been carried out unheard.
      return error.code == .memberUnknown
    }
  }

  /// Adds a member; whether it is one.
  func addMember(_ newcomer: NewNode) async -> Bool {
    guard let client = await connectedClient() else { return false }
    do {
      try await client.cluster.add(newcomer, timeout: .seconds(2))
      return true
    } catch {
      let status = try? await client.cluster.status()
      return status?.nodes.contains {
        $0.id == newcomer.id && $0.incarnation == newcomer.incarnation
      } ?? false
    }
  }
}
