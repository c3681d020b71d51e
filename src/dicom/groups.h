/* The functional groups of enhanced multi-frame objects (PS3.3 C.7.6.16): what is said of all frames and of
 * each one, in sequences of sequences. Flattened here to plain runs of attributes, so that a frame reads like
 * a file of its own. */
#pragma once

#include "reader.h"

typedef struct {
  GByteArray *shared; /* of all frames, as they stand in the file; NULL if there are none */
  GPtrArray *frames;  /* GByteArray of each frame, in order; NULL if there are none */
  GArray *dimensions; /* uint32_t: the tags that the frames are numbered by */
  bool damaged;       /* a sequence could not be followed, or is absurdly long */
} HilumGroups;

enum { HILUM_FRAME_LIMIT = 65536 };

/* True for the sequences that hilum_groups_read() wants to see. */
bool hilum_groups_wants(uint32_t tag);
/* Takes in one of them: `length` as declared, or HILUM_LENGTH_UNDEFINED. */
void hilum_groups_read(HilumGroups *groups, HilumReader *reader, uint32_t tag, uint64_t value,
                       uint32_t length, bool implicit, bool big);
/* Appends the attributes of fields.h in the items of one sequence of the kind that stands in functional
 * groups (real world value mapping may stand alone). */
bool hilum_groups_flatten(HilumReader *reader, uint64_t value, uint32_t length, bool implicit, bool big,
                          GByteArray *out);
void hilum_groups_clear(HilumGroups *groups);
