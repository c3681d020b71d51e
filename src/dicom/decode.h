/* One frame's pixels, from the file to words in the machine's byte order: native ones read straight into
 * their place, compressed ones decoded there. Any thread. */
#pragma once

#include "layout.h"
#include "record.h"

/* Reads frame `r` of the open file `fd` into `n` = rows x columns words, as HilumPixelFormat describes them
 * (8 bit pixels one a word). `inflated`: the layout of a deflated file, read before, or NULL to read it here.
 * NULL if all is well, else what is wrong, without the file's name. */
GError *hilum_frame_decode(int fd, const HilumRecord *r, const HilumLayout *inflated, int16_t *words,
                           size_t n);

/* The same from the file by its name, which must still be the file that was scanned. */
GError *hilum_slice_read(const HilumRecord *r, const HilumLayout *inflated, int16_t *words, size_t n);
/* True if the open file has the size and the time that it had when it was scanned: offsets come from then. */
bool hilum_record_is_unchanged(const HilumRecord *r, int fd);
