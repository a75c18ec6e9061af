package import Consensus

/// Digests of a simulation: a tag under a key that everybody knows, a tenth of what SHA-256 costs.
///
/// Nobody there looks for two inputs with one tag, and 128 bits meet by chance nowhere.
package struct SymbolicDigester: Digester {
  /// A digester; it holds nothing.
  package init() {}

  /// The tag of the domain's byte and these.
  package func digest(of bytes: [UInt8], domain: DigestDomain) -> Digest {
    let tag = SipHash.tag(of: bytes, key: (UInt64(domain.rawValue), 0x646F_6D61_696E))
    return Digest(bits: Bits256(tag.0, tag.1, 0, UInt64(domain.rawValue)))
  }
}
