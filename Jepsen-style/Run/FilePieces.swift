import Glibc

/// Reads a file piece by piece.
struct FilePieces: ~Copyable {
  private static let pieceSize = 1 << 20

  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(HarnessError) {
    self.path = path
    // `open` reads the path up to its end and keeps nothing.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path: path, reason: SystemText.problem(errno)) }
  }

  deinit { close(descriptor) }

  /// The next piece; nil at the end.
  mutating func next() throws(HarnessError) -> [UInt8]? {
    var piece = [UInt8](repeating: 0, count: Self.pieceSize)
    // `read` fills at most the piece's own bytes.
    let count = unsafe piece.withUnsafeMutableBytes { buffer in
      unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    }
    guard count >= 0 else { throw .file(path: path, reason: SystemText.problem(errno)) }
    return count == 0 ? nil : Array(piece[..<count])
  }
}
