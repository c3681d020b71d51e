/* What one file says about its image: everything that splitting, sorting, geometry and pixels need, parsed
 * and checked. Made on any thread, then only read. */
#pragma once

#include "fields.h"
#include "findings.h"
#include "pixels.h"
#include "syntax.h"

#include "hilum/geom/vec3.h"

typedef enum {
  HILUM_RECORD_SLICE,     /* may be part of a volume */
  HILUM_RECORD_LOCALIZER, /* a scout */
  HILUM_RECORD_FLAT,      /* an image without a place in the patient: radiograph, secondary capture ... */
  HILUM_RECORD_OTHER,     /* no image: report, segmentation, plan ... */
} HilumRecordKind;

typedef struct HilumRecord HilumRecord;
struct HilumRecord {
  char *path;
  char *name;                    /* of a frame, for messages; NULL: the last part of the path */
  char *text[HILUM_FIELD_COUNT]; /* as read; NULL where absent */
  HilumRecordKind kind;

  int32_t rows, columns, frames, samples;
  bool has_position, has_orientation, has_spacing; /* present, complete and finite */
  HilumVec3 position_mm, row, column;              /* as in the file, not normalised */
  double row_spacing_mm;                           /* between rows: PixelSpacing 1, along `column` */
  double column_spacing_mm;                        /* between columns: PixelSpacing 2, along `row` */

  HilumPixelFormat format;
  bool has_rescale; /* slope and intercept are in the file */
  bool bad_rescale; /* they are there and make no sense */
  bool inverted;    /* MONOCHROME1 */
  bool lossy;

  const HilumSyntax *syntax;
  char syntax_uid[65];
  bool has_pixels, float_pixels, encapsulated, pixels_truncated, has_modality_lut;
  uint64_t pixel_element, pixel_offset, pixel_length;
  uint64_t oversized_fields;
  GBytes *image_header; /* group 28 as in the file, for the decoder; NULL for native pixels */
  bool header_implicit, header_big_endian;

  uint64_t file_size; /* at the time of reading: a file that changed afterwards is not trusted */
  int64_t mtime_ns;

  /* A multi-frame file and the frames made of it; frames share the file's texts and keep it alive. */
  HilumRecord *file;          /* NULL unless this is a frame */
  char *image_id;             /* of a frame: SOP instance UID, "#", frame number */
  int32_t frame_number;       /* of a frame, from 1; else 0 */
  GPtrArray *parts;           /* the frames, until hilum_record_unpack() */
  const char *frames_problem; /* why there are none (static), or NULL */
  int holders;                /* besides the owner */
};

/* Reads the header of an open file. NULL with HILUM_DICOM_ERROR_NOT_DICOM or _READ. */
HilumRecord *hilum_record_read(int fd, const char *path, GError **error);
void hilum_record_free(HilumRecord *record);
HilumRecord *hilum_record_ref(HilumRecord *record);
/* Adds to `records` (which frees them) what there is to sort: the frames of a multi-frame file, else the
 * record itself. Takes the record. */
void hilum_record_unpack(HilumRecord *record, GPtrArray *records);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumRecord, hilum_record_free)

/* Fills the parsed members from `text`; tests call it on texts of their own. */
void hilum_record_parse(HilumRecord *record);

/* Adds a refusing finding for each reason why the pixels of this file cannot be read into a volume. */
void hilum_record_check_pixels(const HilumRecord *record, GArray *findings);

/* True if both files store the same pixels with the same meaning; reads them. */
bool hilum_records_same_pixels(const HilumRecord *a, const HilumRecord *b);

/* The last part of the path. Borrowed. */
const char *hilum_record_name(const HilumRecord *record);
/* What tells this image from all others: the SOP instance UID, of a frame with "#" and its number; "" where
 * absent. */
const char *hilum_record_image_id(const HilumRecord *record);
/* A field, "" where absent. */
const char *hilum_record_text(const HilumRecord *record, HilumField field);
/* An integer field, or `fallback`. */
int32_t hilum_record_int(const HilumRecord *record, HilumField field, int32_t fallback);
bool hilum_record_is_ct(const HilumRecord *record);

/* Decimal strings joined by backslashes: how many there are, or -1 if one is no finite number. Stores at most
 * `max`. */
int hilum_parse_decimals(const char *text, double *out, int max);
