import Consensus
import Transport

/// A connection of a client that has shown its key.
final class ByzantineClient {
  let state: ClientState
  let key: PublicKey
  let number: ClientNumber
  /// Who pays for the verification of its envelopes.
  let source: VerificationSource
  /// The sessions, and nonces of registrations, whose replies it is sent.
  var words: [UInt64] = []

  init(_ state: ClientState, key: PublicKey, number: ClientNumber, inFlightMax: Int) {
    self.state = state
    self.key = key
    self.number = number
    source = VerificationSource(inFlightMax: inFlightMax)
    source.speaks(over: state.connection)
  }
}
