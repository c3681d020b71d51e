/* Lossless JPEG (ITU-T T.81, process 14) of one component in more than 8 bits: what scanners write when they
 * compress. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes a picture of exactly `columns` x `rows` samples of 9 to 16 bits into `words`. False if it is of
 * another kind or size, or damaged: then `words` is undefined, and DCMTK, which knows more kinds and says
 * what is wrong, is to be asked. */
bool hilum_jpeg_lossless_decode(const uint8_t *bytes, size_t n, uint32_t columns, uint32_t rows,
                                int16_t *words);
