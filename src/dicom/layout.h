/* The shape of a DICOM file, byte by byte, before anything is believed: where the data set starts, which
 * bytes hold the attributes of fields.h, where the pixels lie. Every length is checked against the size of
 * the file, nothing is recursive, and nothing larger than the wanted attributes is copied, so that DCMTK
 * (which allocates what a length says and recurses into sequences) only ever sees a few small elements. Also
 * what lets native pixels be read from the file straight into their place. */
#pragma once

#include "groups.h"
#include "syntax.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  bool has_meta; /* group 2 is there */
  char syntax_uid[65];
  char media_class_uid[65]; /* SOP class that the meta header names; DICOMDIRs are told by it */
  const HilumSyntax *syntax;
  bool implicit_vr;        /* of the data set as found */
  bool big_endian;         /* of the data set as found */
  uint64_t dataset_offset; /* in the file; for deflated data in `inflated` */
  bool has_pixels;
  bool float_pixels;     /* (7FE0,0008) or (7FE0,0009) */
  bool encapsulated;     /* undefined length: a sequence of fragments */
  bool pixels_truncated; /* the file ends before the pixels do */
  bool has_modality_lut;
  uint64_t pixel_element;    /* offset of the pixel element's tag */
  uint64_t pixel_offset;     /* offset of its value */
  uint64_t pixel_length;     /* native: as declared; encapsulated: fragments with their delimiter */
  uint64_t file_size;        /* of the source that the offsets refer to */
  GByteArray *header;        /* the wanted elements, as they stand in the file */
  GByteArray *image_header;  /* of these, the elements of group 28: what a decoder needs */
  uint8_t *inflated;         /* the data set of a deflated file, or NULL */
  HilumGroups groups;        /* functional groups of multi-frame objects */
  uint64_t oversized_fields; /* wanted attributes dropped because their value is absurdly long */
} HilumLayout;

/* Walks the open file `fd` from its start. `name` is used in messages. Fails with
 * HILUM_DICOM_ERROR_NOT_DICOM if it does not start like DICOM and with HILUM_DICOM_ERROR_READ if it does but
 * cannot be followed to the pixels or its end. Clear with hilum_layout_clear(), also after a failure. */
bool hilum_layout_read(HilumLayout *layout, int fd, const char *name, GError **error);
void hilum_layout_clear(HilumLayout *layout);

/* Appends to `files` (which frees its strings) the Referenced File IDs of a DICOMDIR, components joined by
 * "/".
 */
bool hilum_layout_read_dicomdir(int fd, const char *name, GPtrArray *files, GError **error);

/* True if the first `n` bytes look like DICOM. */
bool hilum_layout_sniff(const uint8_t *head, size_t n);
