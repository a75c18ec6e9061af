import COpenSSL

extension PrivateKey {
  /// The key as PEM (PKCS #8, RFC 8410), as other programs read it.
  func pem() throws(CryptoError) -> SecretBytes {
    // Its memory is overwritten when it is freed.
    guard let bio = unsafe BIO_new(BIO_s_secmem()) else {
      fatalError("out of memory for a key's text")
    }
    defer { unsafe BIO_free(bio) }
    // No cipher: the file's mode protects it.
    let result = unsafe handle.withPointer { key in
      unsafe PEM_write_bio_PKCS8PrivateKey(bio, key, nil, nil, 0, nil, nil)
    }
    var bytes: UnsafeMutablePointer<CChar>?
    // The BIO says where its bytes are and how many; they are copied at once.
    let count = unsafe lockstep_bio_bytes(bio, &bytes)
    guard result == 1, count > 0 else {
      throw .library(doing: "writing a key as PEM", reason: CryptoError.lastReason())
    }
    let text = SecretBytes(count: count)
    unsafe text.withMemory { memory in
      unsafe memory.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count))
    }
    return text
  }

  /// Reads the first `count` bytes as PEM; `name` is what a complaint calls them.
  convenience init(
    pem text: borrowing SecretBytes,
    count: Int,
    name: String
  ) throws(CryptoError) {
    // The BIO reads the memory only while it lives, and that is within this call. Without a
    // callback OpenSSL would ask the terminal for the password of an encrypted key.
    let key = unsafe text.withMemory { memory -> OpaquePointer? in
      guard let bio = unsafe BIO_new_mem_buf(memory.baseAddress, Int32(min(count, memory.count)))
      else { return nil }
      defer { unsafe BIO_free(bio) }
      return unsafe PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
    }
    guard let key = unsafe key else {
      throw .badKey(name, reason: "it is no unencrypted PEM: \(CryptoError.lastReason())")
    }
    // The pointer comes with a reference of ours, which the handle takes over.
    let handle = unsafe KeyHandle(owning: key)
    guard unsafe handle.withPointer({ unsafe EVP_PKEY_get_id($0) }) == EVP_PKEY_ED25519 else {
      throw .badKey(name, reason: "it is a key of another kind")
    }
    try self.init(handle)
  }
}
