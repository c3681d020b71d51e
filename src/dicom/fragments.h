/* Compressed pixels: items ("fragments") of a sequence, some of which make up each frame (PS3.5 A.4). */
#pragma once

#include "reader.h"

/* The items of one frame, headers included, as an offset in the file and a length. */
typedef struct {
  uint64_t offset, length;
} HilumFrameSpan;

/* Finds the frames among the fragments in `length` bytes at `offset` (the value of Pixel Data: the offset
 * table comes first). One fragment a frame, or as the offset table says, or, where there is none, a new frame
 * wherever a JPEG or JPEG 2000 picture begins. Returns `n_frames` spans, g_free(), or NULL with a reason in
 * *why (static, NULL otherwise) if frames and fragments cannot be matched. */
HilumFrameSpan *hilum_fragments_find_frames(HilumReader *reader, uint64_t offset, uint64_t length,
                                            size_t n_frames, const char **why);

/* The fragments in a span joined to one run of bytes; `skip_table` leaves out the first item, which is the
 * offset table where the span is a whole Pixel Data. NULL with errno (0 if the items are damaged) or if
 * nothing is in them. g_byte_array_unref(). */
GByteArray *hilum_fragments_join(int fd, HilumFrameSpan span, bool skip_table);
