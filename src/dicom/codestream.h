/* What a compressed picture says about itself: the frame header of JPEG and JPEG-LS, the SIZ marker of JPEG
 * 2000. Read before any decoder is let near the bytes, so that a picture of another size than the file's
 * attributes promise is refused before anything is allocated for it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t columns, rows, components, precision;
  bool is_signed;       /* JPEG 2000 only */
  uint64_t tiles;       /* JPEG 2000 only */
  size_t offset, bytes; /* of the codestream itself, without a JP2 file's boxes around it */
} HilumCodestream;

/* ITU-T T.81 and T.87. False if there is no frame header. */
bool hilum_codestream_read_jpeg(const uint8_t *bytes, size_t n, HilumCodestream *out);
/* ITU-T T.800, bare or inside a JP2 file. False if there is no SIZ marker or it makes no sense. */
bool hilum_codestream_read_jpeg2000(const uint8_t *bytes, size_t n, HilumCodestream *out);
/* True if these bytes begin a picture of either family. */
bool hilum_codestream_starts(const uint8_t *bytes, size_t n);
