#include "CSystem.h"

#include <string.h>

#if defined(__x86_64__)

#include <immintrin.h>

/// The most words of a lane.
enum { LANE_WORDS_MAX = 64 };

/// What a register is multiplied by to go on over so many words of zeros and one more.
static uint32_t shifts[2 * LANE_WORDS_MAX + 1];

int lockstep_crc32c_available(void) {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

__attribute__((target("sse4.2")))
static void find_shifts(void) {
  uint64_t shift = 1;
  for (int words = 0; words <= 2 * LANE_WORDS_MAX; words++) {
    shifts[words] = (uint32_t)shift;
    shift = _mm_crc32_u64(shift, 0);
  }
}

__attribute__((constructor))
static void prepare(void) {
  __builtin_cpu_init();
  if (lockstep_crc32c_available()) find_shifts();
}

static inline uint64_t word(const unsigned char *at, size_t index) {
  uint64_t word;
  memcpy(&word, at + 8 * index, sizeof word);
  return word;
}

__attribute__((target("sse4.2,pclmul")))
static inline uint64_t shifted(uint64_t crc, size_t words) {
  __m128i left = _mm_cvtsi64_si128((long long)crc);
  __m128i right = _mm_cvtsi64_si128((long long)shifts[words]);
  return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(left, right, 0));
}

// The instruction takes one word a cycle, but three cycles until its result is there: three lanes
// of equal length side by side, put together by multiplication without carries (Gopal et al.,
// Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction, Intel 2011).
__attribute__((target("sse4.2,pclmul")))
uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  uint64_t wide = crc;
  while (count >= 104) {
    size_t lane = (count - 8) / 24;
    if (lane > LANE_WORDS_MAX) lane = LANE_WORDS_MAX;
    uint64_t second = 0, third = 0;
    for (size_t index = 0; index < lane; index++) {
      wide = _mm_crc32_u64(wide, word(at, index));
      second = _mm_crc32_u64(second, word(at, index + lane));
      third = _mm_crc32_u64(third, word(at, index + 2 * lane));
    }
    at += 24 * lane;
    uint64_t before = shifted(wide, 2 * lane) ^ shifted(second, lane);
    wide = _mm_crc32_u64(third, word(at, 0) ^ before);
    at += 8;
    count -= 24 * lane + 8;
  }
  while (count >= 8) {
    wide = _mm_crc32_u64(wide, word(at, 0));
    at += 8;
    count -= 8;
  }
  crc = (uint32_t)wide;
  while (count > 0) {
    crc = _mm_crc32_u8(crc, *at);
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
