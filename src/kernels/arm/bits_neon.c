/* NEON bit kernels: comparisons weighted by their bit and summed pairwise into bytes. */
#include "hilum/kernels/bits.h"

#include <arm_neon.h>

static inline uint8x16_t compare16(const int16_t *src, int16x8_t vlo, int16x8_t vhi)
{
  int16x8_t a = vld1q_s16(src), b = vld1q_s16(src + 8);
  uint16x8_t ma = vandq_u16(vcgeq_s16(a, vlo), vcleq_s16(a, vhi));
  uint16x8_t mb = vandq_u16(vcgeq_s16(b, vlo), vcleq_s16(b, vhi));
  return vcombine_u8(vmovn_u16(ma), vmovn_u16(mb));
}

static void compare_i16_neon(const int16_t *src, size_t n, int16_t lo, int16_t hi, uint64_t *dst)
{
  static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t weight = vld1q_u8(weights);
  const int16x8_t vlo = vdupq_n_s16(lo), vhi = vdupq_n_s16(hi);
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    uint8x16_t a = vandq_u8(compare16(src + i, vlo, vhi), weight);
    uint8x16_t b = vandq_u8(compare16(src + i + 16, vlo, vhi), weight);
    uint8x16_t c = vandq_u8(compare16(src + i + 32, vlo, vhi), weight);
    uint8x16_t d = vandq_u8(compare16(src + i + 48, vlo, vhi), weight);
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
    sum = vpaddq_u8(sum, sum);
    dst[i / 64] = vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
  }
  if (i < n) {
    uint64_t word = 0;
    for (size_t b = 0; i + b < n; b++)
      word |= (uint64_t)(src[i + b] >= lo && src[i + b] <= hi) << b;
    dst[i / 64] = word;
  }
}

void hilum_bits_kernels_init_neon(HilumBitsKernels *table)
{
  table->compare_i16 = compare_i16_neon;
}
