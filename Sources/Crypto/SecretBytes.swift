import COpenSSL

/// Bytes that are overwritten before their memory is given back: a private key as text.
///
/// It owns its memory and lends it only while a call lasts.
@safe
struct SecretBytes: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer

  /// So many zeros.
  init(count: Int) {
    // Exactly the memory that is claimed here is written.
    unsafe memory = .allocate(byteCount: count, alignment: 1)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    // The compiler may leave out an ordinary overwrite of memory that nobody reads again.
    unsafe OPENSSL_cleanse(memory.baseAddress, memory.count)
    unsafe memory.deallocate()
  }

  /// Lends the bytes to be written or read.
  @unsafe
  func withMemory<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The memory lives as long as this value, which the call keeps alive.
    try unsafe body(memory)
  }
}
