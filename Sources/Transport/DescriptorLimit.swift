import Glibc

/// How many files and sockets this process may have open.
package enum DescriptorLimit {
  /// Raises the limit as far as the system lets us, and tells what it is now.
  package static func raised() -> Int {
    var limit = rlimit()
    // `limit` outlives each call, which reads or writes exactly one `rlimit`.
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return 1_024
    }
    let before = limit.rlim_cur
    limit.rlim_cur = limit.rlim_max
    // As above; a refusal leaves the limit as it was.
    let isRaised = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    return Int(clamping: isRaised ? limit.rlim_cur : before)
  }
}
