/* The attributes that sorting, splitting, geometry and pixels need, as one table that the byte-level walk
 * (which copies nothing else), DCMTK's reading and its fallback dictionary share. Plain C, included by the
 * C++ side too. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HILUM_TAG(group, element) (((uint32_t)(group) << 16) | (uint32_t)(element))

#define HILUM_TAG_DIRECTORY_RECORDS HILUM_TAG(0x0004, 0x1220)
#define HILUM_TAG_REFERENCED_FILE HILUM_TAG(0x0004, 0x1500)
#define HILUM_TAG_FLOAT_PIXELS HILUM_TAG(0x7FE0, 0x0008)
#define HILUM_TAG_DOUBLE_PIXELS HILUM_TAG(0x7FE0, 0x0009)
#define HILUM_TAG_PIXELS HILUM_TAG(0x7FE0, 0x0010)
#define HILUM_TAG_ITEM HILUM_TAG(0xFFFE, 0xE000)
#define HILUM_TAG_ITEM_END HILUM_TAG(0xFFFE, 0xE00D)
#define HILUM_TAG_SEQUENCE_END HILUM_TAG(0xFFFE, 0xE0DD)
#define HILUM_TAG_MODALITY_LUT HILUM_TAG(0x0028, 0x3000)
#define HILUM_TAG_REAL_WORLD_VALUES HILUM_TAG(0x0040, 0x9096)
#define HILUM_TAG_FRAMES HILUM_TAG(0x0028, 0x0008)
#define HILUM_TAG_DIMENSIONS HILUM_TAG(0x0020, 0x9222)
#define HILUM_TAG_SHARED_GROUPS HILUM_TAG(0x5200, 0x9229)
#define HILUM_TAG_FRAME_GROUPS HILUM_TAG(0x5200, 0x9230)

/* X(name, group, element, VR, 1 if text in the file's character set) - in ascending order of tags */
#define HILUM_FIELDS(X)                                                                                      \
  X(CHARSET, 0x0008, 0x0005, CS, 0)                                                                          \
  X(IMAGE_TYPE, 0x0008, 0x0008, CS, 0)                                                                       \
  X(SOP_CLASS, 0x0008, 0x0016, UI, 0)                                                                        \
  X(SOP_UID, 0x0008, 0x0018, UI, 0)                                                                          \
  X(STUDY_DATE, 0x0008, 0x0020, DA, 0)                                                                       \
  X(SERIES_DATE, 0x0008, 0x0021, DA, 0)                                                                      \
  X(ACQUISITION_DATE, 0x0008, 0x0022, DA, 0)                                                                 \
  X(CONTENT_DATE, 0x0008, 0x0023, DA, 0)                                                                     \
  X(ACQUISITION_DATETIME, 0x0008, 0x002A, DT, 0)                                                             \
  X(SERIES_TIME, 0x0008, 0x0031, TM, 0)                                                                      \
  X(ACQUISITION_TIME, 0x0008, 0x0032, TM, 0)                                                                 \
  X(CONTENT_TIME, 0x0008, 0x0033, TM, 0)                                                                     \
  X(MODALITY, 0x0008, 0x0060, CS, 0)                                                                         \
  X(RWV_UNIT, 0x0008, 0x0100, SH, 0)                                                                         \
  X(STUDY_DESCRIPTION, 0x0008, 0x1030, LO, 1)                                                                \
  X(SERIES_DESCRIPTION, 0x0008, 0x103E, LO, 1)                                                               \
  X(FRAME_TYPE, 0x0008, 0x9007, CS, 0)                                                                       \
  X(PATIENT_NAME, 0x0010, 0x0010, PN, 1)                                                                     \
  X(PATIENT_ID, 0x0010, 0x0020, LO, 1)                                                                       \
  X(BIRTH_DATE, 0x0010, 0x0030, DA, 0)                                                                       \
  X(SEX, 0x0010, 0x0040, CS, 0)                                                                              \
  X(CONTRAST_AGENT, 0x0018, 0x0010, LO, 1)                                                                   \
  X(BODY_PART, 0x0018, 0x0015, CS, 0)                                                                        \
  X(ECHO_TIME, 0x0018, 0x0081, DS, 0)                                                                        \
  X(ECHO_NUMBER, 0x0018, 0x0086, IS, 0)                                                                      \
  X(PROTOCOL, 0x0018, 0x1030, LO, 1)                                                                         \
  X(CONTRAST_START, 0x0018, 0x1042, TM, 0)                                                                   \
  X(TRIGGER_TIME, 0x0018, 0x1060, DS, 0)                                                                     \
  X(TABLE_ANGLE, 0x0018, 0x1138, DS, 0)                                                                      \
  X(KERNEL, 0x0018, 0x1210, SH, 1)                                                                           \
  X(PATIENT_POSITION, 0x0018, 0x5100, CS, 0)                                                                 \
  X(FRAME_DATETIME, 0x0018, 0x9074, DT, 0)                                                                   \
  X(EFFECTIVE_ECHO_TIME, 0x0018, 0x9082, FD, 0)                                                              \
  X(B_VALUE, 0x0018, 0x9087, FD, 0)                                                                          \
  X(STUDY_UID, 0x0020, 0x000D, UI, 0)                                                                        \
  X(SERIES_UID, 0x0020, 0x000E, UI, 0)                                                                       \
  X(SERIES_NUMBER, 0x0020, 0x0011, IS, 0)                                                                    \
  X(ACQUISITION_NUMBER, 0x0020, 0x0012, IS, 0)                                                               \
  X(INSTANCE_NUMBER, 0x0020, 0x0013, IS, 0)                                                                  \
  X(POSITION, 0x0020, 0x0032, DS, 0)                                                                         \
  X(ORIENTATION, 0x0020, 0x0037, DS, 0)                                                                      \
  X(FRAME_OF_REFERENCE, 0x0020, 0x0052, UI, 0)                                                               \
  X(LATERALITY, 0x0020, 0x0060, CS, 0)                                                                       \
  X(IMAGE_LATERALITY, 0x0020, 0x0062, CS, 0)                                                                 \
  X(TEMPORAL_POSITION, 0x0020, 0x0100, IS, 0)                                                                \
  X(STACK_ID, 0x0020, 0x9056, SH, 1)                                                                         \
  X(FRAME_LATERALITY, 0x0020, 0x9072, CS, 0)                                                                 \
  X(TEMPORAL_INDEX, 0x0020, 0x9128, UL, 0)                                                                   \
  X(TRIGGER_DELAY, 0x0020, 0x9153, FD, 0)                                                                    \
  X(FRAME_ACQUISITION, 0x0020, 0x9156, US, 0)                                                                \
  X(DIMENSION_VALUES, 0x0020, 0x9157, UL, 0)                                                                 \
  X(SAMPLES, 0x0028, 0x0002, US, 0)                                                                          \
  X(PHOTOMETRIC, 0x0028, 0x0004, CS, 0)                                                                      \
  X(PLANAR, 0x0028, 0x0006, US, 0)                                                                           \
  X(FRAMES, 0x0028, 0x0008, IS, 0)                                                                           \
  X(ROWS, 0x0028, 0x0010, US, 0)                                                                             \
  X(COLUMNS, 0x0028, 0x0011, US, 0)                                                                          \
  X(SPACING, 0x0028, 0x0030, DS, 0)                                                                          \
  X(BITS_ALLOCATED, 0x0028, 0x0100, US, 0)                                                                   \
  X(BITS_STORED, 0x0028, 0x0101, US, 0)                                                                      \
  X(HIGH_BIT, 0x0028, 0x0102, US, 0)                                                                         \
  X(SIGN, 0x0028, 0x0103, US, 0)                                                                             \
  X(PADDING, 0x0028, 0x0120, US, 0)                                                                          \
  X(PADDING_LIMIT, 0x0028, 0x0121, US, 0)                                                                    \
  X(WINDOW_CENTER, 0x0028, 0x1050, DS, 0)                                                                    \
  X(WINDOW_WIDTH, 0x0028, 0x1051, DS, 0)                                                                     \
  X(INTERCEPT, 0x0028, 0x1052, DS, 0)                                                                        \
  X(SLOPE, 0x0028, 0x1053, DS, 0)                                                                            \
  X(RESCALE_TYPE, 0x0028, 0x1054, LO, 0)                                                                     \
  X(LOSSY, 0x0028, 0x2110, CS, 0)                                                                            \
  X(RWV_INTERCEPT, 0x0040, 0x9224, FD, 0)                                                                    \
  X(RWV_SLOPE, 0x0040, 0x9225, FD, 0)

typedef enum {
#define HILUM_FIELD_ENUM(name, group, element, vr, localised) HILUM_FIELD_##name,
  HILUM_FIELDS(HILUM_FIELD_ENUM)
#undef HILUM_FIELD_ENUM
      HILUM_FIELD_COUNT
} HilumField;

typedef struct {
  uint32_t tag;
  char vr[3];
  char localised; /* in the file's character set */
} HilumFieldInfo;

extern const HilumFieldInfo hilum_fields[HILUM_FIELD_COUNT];

/* The field of a tag, or -1. */
int hilum_field_find(uint32_t tag);

#ifdef __cplusplus
}
#endif
