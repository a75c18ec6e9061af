// What Swift cannot see by itself: the CRC32C instruction and epoll's packed struct.
#ifndef LOCKSTEP_CSYSTEM_H
#define LOCKSTEP_CSYSTEM_H

#include <stdint.h>
#include <stddef.h>

/// Whether this processor has a CRC32C instruction.
int lockstep_crc32c_available(void);

/// Continues a CRC32C (Castagnoli, RFC 3720 B.4) with `count` more bytes.
/// `crc` is the raw register: start with 0xFFFFFFFF and invert the end result.
/// Call it only where `lockstep_crc32c_available` says so.
uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count);

#endif
