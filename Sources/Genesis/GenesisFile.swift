package import Consensus
import Glibc

/// A genesis file as it lies on disk: what it says, and its bytes, which name the cluster.
package struct GenesisFile: Sendable {
  /// A file of 1000 clients has about 130 kB.
  private static let sizeMax = 1 << 20

  /// What it says.
  package let genesis: Genesis
  /// Its bytes, verbatim.
  package let bytes: [UInt8]

  /// The digest of its bytes, which is the same on all nodes and clients of a cluster.
  package func digest(_ digester: any Digester) -> Digest {
    digester.digest(of: bytes, domain: .genesis)
  }

  /// Reads bytes that were read from `path`.
  package init(path: String, bytes: [UInt8]) throws(GenesisError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .unreadable(path: path, reason: "is not UTF-8 text")
    }
    self.bytes = bytes
    genesis = try Genesis(path: path, text: text)
  }

  /// Reads a file.
  package init(path: String) throws(GenesisError) {
    // `open` reads the path up to its end and keeps nothing.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      // `read` fills at most the chunk's own bytes.
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw Self.failure(path) }
      guard count > 0 else { break }
      bytes += chunk[..<count]
      guard bytes.count <= Self.sizeMax else {
        throw .unreadable(path: path, reason: "is larger than 1 MiB")
      }
    }
    try self.init(path: path, bytes: bytes)
  }

  private static func failure(_ path: String) -> GenesisError {
    // `strerror` returns a text that ends with a zero byte and is copied at once.
    .unreadable(path: path, reason: unsafe String(cString: strerror(errno)).lowercased())
  }
}
