import Glibc

/// A private key in a file of its own, PEM, that only its owner may read.
package enum KeyFile {
  /// A key's text has about 120 bytes.
  private static let sizeMax = 4096
  /// What group and others may do with the file.
  private static let othersMode: mode_t = 0o077

  /// Writes a new file of mode 0600; one that exists already is never touched.
  ///
  /// - Throws: `CryptoError.keyFile` with the system's reason.
  package static func create(_ path: String, _ key: PrivateKey) throws(CryptoError) {
    let text = try key.pem()
    // `open` reads the path up to its end and keeps nothing.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    // `write` reads the secret's own bytes; so few go in one call or not at all.
    let isWritten = unsafe text.withMemory { memory in
      unsafe write(descriptor, memory.baseAddress, memory.count) == memory.count
    }
    guard isWritten, fsync(descriptor) == 0 else { throw failure(path) }
  }

  /// Reads a key, if nobody else may.
  ///
  /// - Throws: `CryptoError.keyFile` if the file is missing or others may read it, and
  ///   `CryptoError.badKey` if it holds no Ed25519 key.
  package static func read(_ path: String) throws(CryptoError) -> PrivateKey {
    // `open` reads the path up to its end and keeps nothing.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var status = stat()
    // `status` outlives the call.
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path) }
    guard status.st_mode & othersMode == 0 else {
      throw .keyFile(path: path, reason: "others may use this private key; chmod 600 it")
    }
    let text = SecretBytes(count: sizeMax)
    // `read` fills at most the secret's own bytes.
    let count = unsafe text.withMemory { memory in
      unsafe Glibc.read(descriptor, memory.baseAddress, memory.count)
    }
    guard count >= 0 else { throw failure(path) }
    return try PrivateKey(pem: text, count: count, name: path)
  }

  private static func failure(_ path: String) -> CryptoError {
    // `strerror` returns a text that ends with a zero byte and is copied at once.
    .keyFile(path: path, reason: unsafe String(cString: strerror(errno)).lowercased())
  }
}
