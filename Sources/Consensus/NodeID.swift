/// The number an operator gave a node: 1 and up, unique in its cluster, never reused.
package struct NodeID: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt32

  /// A node of this number.
  package init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Orders nodes by number.
  package static func < (left: NodeID, right: NodeID) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension NodeID: CustomStringConvertible {
  /// `n1`, as logs and tables show it.
  package var description: String { "n\(rawValue)" }
}

/// The random number of one data directory: a wiped disk that comes back is another incarnation.
package struct Incarnation: Hashable, Sendable {
  /// The number itself; 0 stands for nobody.
  package let rawValue: UInt64

  /// An incarnation of this number.
  package init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// A node together with its data directory, whether it votes or only learns.
///
/// Promises are made by members, not by ids.
package struct Member: Hashable, Sendable {
  /// The node's number.
  package let id: NodeID
  /// The data directory that the node must show.
  package let incarnation: Incarnation

  package init(id: NodeID, incarnation: Incarnation) {
    self.id = id
    self.incarnation = incarnation
  }
}

/// 128 random bits that keep two clusters apart for ever.
package struct ClusterID: Hashable, Sendable {
  /// The first 64 bits.
  package let high: UInt64
  /// The last 64 bits.
  package let low: UInt64

  /// A cluster of these bits.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

extension ClusterID: CustomStringConvertible {
  /// 32 hexadecimal digits.
  package var description: String {
    let digits = [high, low].map { half in
      let text = String(half, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return digits.joined()
  }
}

/// Who this process is, and which of its starts this is.
package struct Identity: Hashable, Sendable {
  /// The cluster it belongs to.
  package let cluster: ClusterID
  /// Its number and data directory.
  package let member: Member
  /// Counts the starts on this data directory, from 1.
  package let boot: UInt64

  package init(cluster: ClusterID, member: Member, boot: UInt64) {
    self.cluster = cluster
    self.member = member
    self.boot = boot
  }
}
