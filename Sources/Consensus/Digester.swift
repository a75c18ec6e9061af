/// Gives bytes a name that nobody can give to others.
package protocol Digester: Sendable {
  /// The SHA-256 of the domain's byte followed by these.
  func digest(of bytes: [UInt8], domain: DigestDomain) -> Digest
}
