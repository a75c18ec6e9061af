import COpenSSL
package import Consensus

/// What one key's TLS connections have in common: TLS 1.3 alone, a certificate that says nothing
/// but the key, no authority, no resumed sessions.
///
/// It owns its context and lends the pointer only while a call lasts. It lives on one thread.
@safe
package final class TLSEndpoint {
  private let context: OpaquePointer

  /// Where records are opened, one after the other: a piece for each channel would be 16 KiB for
  /// each client.
  var piece = [UInt8](repeating: 0, count: TLSChannel.recordSizeMax)

  /// An endpoint that shows this key.
  ///
  /// - Throws: `CryptoError.library` if OpenSSL lacks what it needs.
  package init(key: PrivateKey) throws(CryptoError) {
    // The context keeps a reference to the key of its own.
    let context = unsafe key.handle.withPointer { unsafe lockstep_tls_context($0) }
    guard let context = unsafe context else {
      throw .library(doing: "preparing TLS 1.3", reason: CryptoError.lastReason())
    }
    unsafe self.context = context
  }

  deinit {
    // Sessions keep references of their own.
    unsafe SSL_CTX_free(context)
  }

  /// A channel for a connection that we open: the other side must own exactly this key.
  package func connect(to key: PublicKey) -> TLSChannel {
    channel(isServer: false) { $0 == key }
  }

  /// A channel for a connection that others open: the owner says which keys are welcome.
  package func accept(_ isWelcome: @escaping (PublicKey) -> Bool) -> TLSChannel {
    channel(isServer: true, isWelcome)
  }

  private func channel(
    isServer: Bool,
    _ isWelcome: @escaping (PublicKey) -> Bool
  ) -> TLSChannel {
    var incoming: OpaquePointer?
    var outgoing: OpaquePointer?
    // Null only when the system has no memory left; the channel takes the session over.
    guard let session = unsafe SSL_new(context),
      unsafe lockstep_tls_attach(session, &incoming, &outgoing) == 1,
      let incoming = unsafe incoming, let outgoing = unsafe outgoing
    else {
      fatalError("out of memory for a TLS session")
    }
    if isServer {
      unsafe SSL_set_accept_state(session)
    } else {
      unsafe SSL_set_connect_state(session)
    }
    return unsafe TLSChannel(
      owning: session,
      incoming: incoming,
      outgoing: outgoing,
      of: self,
      isWelcome: isWelcome
    )
  }
}
