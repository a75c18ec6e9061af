// OpenSSL 3, and the few of its macros that Swift cannot see.
#ifndef LOCKSTEP_COPENSSL_H
#define LOCKSTEP_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "OpenSSL 3 or newer is needed"
#endif

/// A new Ed25519 key; null on failure.
static inline EVP_PKEY *lockstep_ed25519_generate(void) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

/// Where a memory BIO keeps its bytes, until the next call on it; returns how many.
static inline long lockstep_bio_bytes(BIO *bio, char **bytes) {
  return BIO_get_mem_data(bio, bytes);
}

// TLS

/// A certificate that says nothing but the key: who it belongs to is in the genesis file.
/// Equal keys give equal certificates; nobody looks at the dates.
static inline X509 *lockstep_certificate(EVP_PKEY *key) {
  static const unsigned char name[] = "lockstep";
  X509 *certificate = X509_new();
  if (certificate == NULL) return NULL;
  X509_NAME *subject = X509_get_subject_name(certificate);
  if (X509_set_version(certificate, 2) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
      ASN1_TIME_set_string(X509_getm_notBefore(certificate), "19700101000000Z") == 1 &&
      ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
      X509_set_issuer_name(certificate, subject) == 1 &&
      X509_set_pubkey(certificate, key) == 1 && X509_sign(certificate, key, NULL) > 0)
    return certificate;
  X509_free(certificate);
  return NULL;
}

/// No authority vouches for a certificate. That the other side owns its key is shown by the
/// handshake; that the key is a pinned one is checked before any plain byte goes in or out.
static inline int lockstep_no_authority(X509_STORE_CTX *store, void *unused) {
  (void)store;
  (void)unused;
  return 1;
}

/// TLS 1.3 and nothing older, Ed25519 and X25519 and nothing else, both sides show a certificate,
/// and no session is taken up again: each connection proves anew who is there.
static inline SSL_CTX *lockstep_tls_context(EVP_PKEY *key) {
  SSL_CTX *context = SSL_CTX_new(TLS_method());
  X509 *certificate = lockstep_certificate(key);
  int is_done = context != NULL && certificate != NULL &&
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
    SSL_CTX_set_ciphersuites(
      context, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
    SSL_CTX_set1_groups_list(context, "X25519") == 1 &&
    SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
    SSL_CTX_set_num_tickets(context, 0) == 1 &&
    SSL_CTX_use_certificate(context, certificate) == 1 &&
    SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  if (!is_done) {
    SSL_CTX_free(context);
    return NULL;
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback(context, lockstep_no_authority, NULL);
  return context;
}

/// The session's two memory BIOs, which it owns: what comes in, and what is to go out. 0 on failure.
static inline int lockstep_tls_attach(SSL *session, BIO **incoming, BIO **outgoing) {
  *incoming = BIO_new(BIO_s_mem());
  *outgoing = BIO_new(BIO_s_mem());
  if (*incoming == NULL || *outgoing == NULL) {
    BIO_free(*incoming);
    BIO_free(*outgoing);
    return 0;
  }
  SSL_set_bio(session, *incoming, *outgoing);
  return 1;
}

/// The 32 bytes of the other side's Ed25519 key; 0 if it has shown no such key.
static inline int lockstep_tls_peer_key(SSL *session, unsigned char *bytes) {
  X509 *certificate = SSL_get0_peer_certificate(session);
  EVP_PKEY *key = certificate == NULL ? NULL : X509_get0_pubkey(certificate);
  size_t size = 32;
  return key != NULL && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
    EVP_PKEY_get_raw_public_key(key, bytes, &size) == 1 && size == 32;
}

/// Forgets what a memory BIO holds.
static inline void lockstep_bio_reset(BIO *bio) {
  (void)BIO_reset(bio);
}

#endif
