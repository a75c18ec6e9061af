import Glibc

/// The program that this process runs, to start it again as a child.
enum OwnProgram {
  static func path() -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    // `readlink` fills at most the buffer's own bytes and tells how many.
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    return count > 0 ? String(decoding: bytes, as: UTF8.self) : "/proc/self/exe"
  }
}
