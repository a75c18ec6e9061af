// OpenSSL 3, and the few of its macros that Swift cannot see.
#ifndef LOCKSTEP_COPENSSL_H
#define LOCKSTEP_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

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

#endif
