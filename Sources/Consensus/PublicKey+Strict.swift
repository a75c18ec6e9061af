extension PublicKey {
  /// Whether a verifier would ever take it: in its one form, and of more than small order.
  package var isStrict: Bool { PointEncoding.isStrict(bits) }
}
