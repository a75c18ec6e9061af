/// What has become of a disk that does not hold what it was given.
enum DiskLoss {
  /// Its folder was made anew.
  case wiped
  /// An older copy of its folder was put back.
  case rolledBack

  /// The fault, and its id in docs/catalogue.md.
  var fault: (kind: FaultKind, promise: String) {
    switch self {
    case .wiped: (.wipedDisk, "D15")
    case .rolledBack: (.rolledBackDisk, "D16")
    }
  }
}

/// A node's folder as it was at one moment, with what the checker knew of it.
struct DiskCopy {
  let files: [(name: String, bytes: [UInt8])]
  let ledger: NodeLedger
  /// How often the folder had been opened.
  let boot: UInt64
}
