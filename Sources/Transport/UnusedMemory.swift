import CSystem

/// Memory that this process has freed, and that the C library keeps for what comes next.
package enum UnusedMemory {
  /// Gives it back to the system, wherever it lies (malloc_trim): tens of milliseconds for a
  /// gigabyte, so only where nobody waits.
  package static func release() { lockstep_memory_release() }
}
