/// Whose word a started member needs before it votes, stands or is counted.
package enum AdmissionRule: String, Sendable {
  /// That of a majority of the voters, itself included, and of all whom it reaches in time.
  case majority
  /// That of all other voters; whoever has waited too long for one comes back as another member.
  case strict
  /// Nobody's: for worlds in which no disk is ever wiped or put back.
  case trusting
}
