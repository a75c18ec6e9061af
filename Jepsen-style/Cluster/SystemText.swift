import Glibc

/// The system's words.
enum SystemText {
  /// The sentence for an error number.
  static func problem(_ number: Int32) -> String {
    // `strerror` returns a string of the system's that lives until the next call.
    unsafe String(cString: strerror(number)).lowercased()
  }
}
