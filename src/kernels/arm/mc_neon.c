/* NEON variants: the compares that turn voxels into bits. Population counts need no help on AArch64, so the
 * reference keeps the rest. Bit-exact. */
#include "../mc_private.h"

#include <arm_neon.h>

/* Sixteen byte masks (0 or 255) to sixteen bits. */
static inline uint32_t bits16(uint8x16_t m)
{
  static const uint8_t weight[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t v = vandq_u8(m, vld1q_u8(weight));
  return (uint32_t)vaddv_u8(vget_low_u8(v)) | (uint32_t)vaddv_u8(vget_high_u8(v)) << 8;
}

static void row_i16(uint64_t *dst, const int16_t *src, size_t n, int16_t threshold)
{
  size_t w = 0, i = 0, words = hilum_mc_row_words(n);
  uint64_t carry = 0;
  int16x8_t t = vdupq_n_s16(threshold);
  for (; i + 64 <= n; i += 64) {
    uint64_t bits = 0;
    for (unsigned q = 0; q < 4; q++) {
      uint16x8_t a = vcgeq_s16(vld1q_s16(src + i + 16 * q), t);
      uint16x8_t b = vcgeq_s16(vld1q_s16(src + i + 16 * q + 8), t);
      bits |= (uint64_t)bits16(vcombine_u8(vmovn_u16(a), vmovn_u16(b))) << (16 * q);
    }
    dst[w++] = bits << 1 | carry;
    carry = bits >> 63;
  }
  for (; w < words; w++) {
    uint64_t bits = 0;
    for (unsigned b = 0; b < 64 && i < n; b++, i++)
      bits |= (uint64_t)(src[i] >= threshold) << b;
    dst[w] = bits << 1 | carry;
    carry = bits >> 63;
  }
}

static void rows32_u8(uint32_t *dst, const uint8_t *src, size_t rows, uint8_t label)
{
  uint8x16_t l = vdupq_n_u8(label);
  for (size_t r = 0; r < rows; r++, src += 32)
    dst[r] = bits16(vceqq_u8(vld1q_u8(src), l)) | bits16(vceqq_u8(vld1q_u8(src + 16), l)) << 16;
}

void hilum_mc_init_neon(HilumMcKernels *kernels)
{
  kernels->row_i16 = row_i16;
  kernels->rows32_u8 = rows32_u8;
}
