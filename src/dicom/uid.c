/* UIDs from seeds: a version-4 shaped UUID below 2.25 (PS3.5 B.2, ITU-T X.667). */
#include "hilum/dicom/dicom.h"

#include "hilum/base/random.h"

char *hilum_dicom_make_uid(uint64_t seed, uint64_t number)
{
  uint64_t high = hilum_random_u64(seed, 2 * number), low = hilum_random_u64(seed, 2 * number + 1);
  high = (high & ~UINT64_C(0xF000)) | 0x4000;
  low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
  /* 128 bits in decimal by long division, 32 bits at a time. */
  uint32_t words[4] = {(uint32_t)(high >> 32), (uint32_t)high, (uint32_t)(low >> 32), (uint32_t)low};
  char digits[40];
  int at = (int)sizeof digits;
  digits[--at] = 0;
  bool more = true;
  while (more && at > 0) {
    uint64_t rest = 0;
    more = false;
    for (int i = 0; i < 4; i++) {
      rest = rest << 32 | words[i];
      words[i] = (uint32_t)(rest / 10);
      rest %= 10;
      more |= words[i] != 0;
    }
    digits[--at] = (char)('0' + rest);
  }
  return g_strconcat("2.25.", digits + at, NULL);
}
