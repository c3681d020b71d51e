/* Run-length pixels (PS3.5 annex G). DCMTK's decoder reads past the end of hostile input. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One frame of `n` pixels of `planes` (1 or 2) bytes each into `words`. False if the frame has another number
 * of planes, or holds fewer pixels. */
bool hilum_rle_decode(const uint8_t *bytes, size_t size, int planes, int16_t *words, size_t n);
