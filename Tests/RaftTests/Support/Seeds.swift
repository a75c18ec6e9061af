import Foundation

/// The seeds of a random test: `SEED` names one, `SEEDS` says how many.
enum Seeds {
  static func numbers(_ usual: UInt64 = 150) -> ClosedRange<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let only = environment["SEED"].flatMap({ UInt64($0) }) { return only...only }
    return 1...(environment["SEEDS"].flatMap { UInt64($0) } ?? usual)
  }
}
