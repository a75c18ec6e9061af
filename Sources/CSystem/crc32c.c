#include "CSystem.h"

#include <string.h>

#if defined(__x86_64__)

int lockstep_crc32c_available(void) { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2")))
uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  uint64_t wide = crc;
  while (count >= 8) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
    at += 8;
    count -= 8;
  }
  crc = (uint32_t)wide;
  while (count > 0) {
    crc = __builtin_ia32_crc32qi(crc, *at);
    at += 1;
    count -= 1;
  }
  return crc;
}

#elif defined(__aarch64__)

#include <arm_acle.h>
#include <sys/auxv.h>

int lockstep_crc32c_available(void) { return (getauxval(AT_HWCAP) & (1 << 7)) != 0; }

__attribute__((target("crc")))
uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  while (count >= 8) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    crc = __crc32cd(crc, word);
    at += 8;
    count -= 8;
  }
  while (count > 0) {
    crc = __crc32cb(crc, *at);
    at += 1;
    count -= 1;
  }
  return crc;
}

#else

int lockstep_crc32c_available(void) { return 0; }

uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count) {
  (void)bytes;
  (void)count;
  return crc;
}

#endif
