import Consensus
import Crypto
import Genesis
import Glibc
import Storage

/// The private keys of a new cluster, in a folder that only its maker may enter.
///
/// They are called `node-1.key` and so on, by the members' ids, and `client-1.key` and so on.
struct KeyFolder {
  let path: String

  /// Makes the folder and all keys.
  ///
  /// Nothing that exists already is touched; nothing is left of what could not be finished.
  func create(nodes: [NodeID], clientsCount: Int) throws(CommandFailure) -> GenesisKeys {
    // `mkdir` reads the path up to its end and keeps nothing.
    guard unsafe mkdir(path, 0o700) == 0 else {
      let hint = errno == EEXIST ? "choose another folder with --keys, or remove it first" : nil
      throw .file(path, TextFile.problem(errno), hint: hint)
    }
    do throws(CommandFailure) {
      var keys = GenesisKeys(members: [], clients: [])
      for node in nodes {
        keys.members.append(try create("node-\(node.rawValue)"))
      }
      for number in 1...clientsCount {
        let name = "client-\(number)"
        keys.clients.append(.init(name: name, key: try create(name)))
      }
      return keys
    } catch {
      remove()
      throw error
    }
  }

  /// Removes the folder that `create` has made, and what is in it.
  func remove() {
    let disk = try? PosixDisk(path: path)
    for name in (try? disk?.list()) ?? [] { try? disk?.remove(name) }
    // `rmdir` reads the path up to its end and keeps nothing.
    unsafe _ = rmdir(path)
  }

  private func create(_ name: String) throws(CommandFailure) -> PublicKey {
    do {
      let key = try PrivateKey.generate()
      try KeyFile.create("\(path)/\(name).key", key)
      return key.publicKey
    } catch {
      throw .of(code: error.code, "\(error)")
    }
  }
}
