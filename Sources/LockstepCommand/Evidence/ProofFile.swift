import ClientProtocol
import Wire

/// A file of evidence, or a receipt, as it was handed over.
enum ProofFile {
  /// Evidence holds at most two envelopes or one block.
  static let sizeMax = 64 << 20

  /// Reads a value that fills the file.
  static func read<Value: WireCodable>(_ path: String) throws(CommandFailure) -> Value {
    let bytes = try TextFile.readBytes(path, max: sizeMax)
    do {
      return try Value(decoding: bytes)
    } catch {
      throw CommandFailure(exitCode: .usage, code: "malformed", message: "\(path): \(error)")
    }
  }

  /// The status of a file that is well formed and proves nothing.
  static func unproven(_ path: String, _ reason: String) -> CommandFailure {
    CommandFailure(exitCode: .checkFailed, code: "not_proven", message: "\(path): \(reason)")
  }
}
