/* The header and the data of an NRRD file, as both kinds of content need them. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/grid.h"

typedef enum {
  HILUM_NRRD_INT8,
  HILUM_NRRD_UINT8,
  HILUM_NRRD_INT16,
  HILUM_NRRD_UINT16,
  HILUM_NRRD_INT32,
  HILUM_NRRD_UINT32,
  HILUM_NRRD_TYPES
} HilumNrrdType;

typedef struct {
  HilumGrid grid; /* LPS, validated */
  HilumNrrdType type;
  bool gzip;
  bool big_endian;
  GHashTable *pairs;  /* key/value pairs, unescaped */
  size_t data_offset; /* in the file */
  size_t data_bytes;  /* unpacked */
} HilumNrrdHeader;

size_t hilum_nrrd_type_bytes(HilumNrrdType type);
void hilum_nrrd_header_clear(HilumNrrdHeader *header);
/* Parses and checks. HILUM_EXCHANGE_ERROR_FORMAT naming the file and the field. */
bool hilum_nrrd_parse(const char *path, const char *data, size_t bytes, HilumNrrdHeader *header,
                      GError **error);
/* The voxels in host byte order, hilum_big_alloc(). The file must hold exactly what the header says. */
void *hilum_nrrd_unpack(const char *path, const char *data, size_t bytes, const HilumNrrdHeader *header,
                        const HilumProgress *progress, GError **error);
void hilum_nrrd_set_error(GError **error, const char *path, const char *format, ...) G_GNUC_PRINTF(3, 4);
