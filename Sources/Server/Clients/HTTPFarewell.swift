/// What a browser or `curl` is told at a port that does not speak HTTP.
struct HTTPFarewell {
  private static let methods = [
    "GET ", "HEAD", "POST", "PUT ", "DELE", "OPTI", "PATC", "CONN", "TRAC",
  ]

  let bytes: [UInt8]

  /// Nil unless the bytes begin like an HTTP request.
  init?(to request: ArraySlice<UInt8>, at speakers: String) {
    guard Self.methods.contains(where: { request.starts(with: $0.utf8) }) else { return nil }
    let text = "This port of a Lockstep node is for \(speakers); it does not speak HTTP.\n"
    let head = """
      HTTP/1.1 400 Bad Request\r
      Content-Type: text/plain\r
      Content-Length: \(text.utf8.count)\r
      Connection: close\r
      \r\n
      """
    bytes = Array((head + text).utf8)
  }
}
