/* NRRD volumes: int16 real values (HU) or uint8 labels, "space: left-posterior-superior" with directions and
 * origin in mm; labels carry their names in the header as "Segment<label>_Name:=name" key/value pairs. Any
 * thread. */
#pragma once

#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Real values rounded to int16; *clipped (may be NULL) counts voxels that did not fit. gzip-encoded if
 * `compress`. */
bool hilum_nrrd_write_volume(const char *path, const HilumVolume *volume, bool compress, uint64_t *clipped,
                             const HilumProgress *progress, GError **error);
/* `names`: 256 entries, NULL where a label is unused. */
bool hilum_nrrd_write_labels(const char *path, HilumLabelSnapshot *labels, const char *const *names,
                             bool compress, const HilumProgress *progress, GError **error);
/* uint8 (or other integer types whose values fit 0..255) in raw or gzip encoding, LPS, RAS or LAS space
 * (turned to LPS). `names` (may be NULL) gets a GPtrArray of 256 owned strings or NULLs. */
HilumLabelSnapshot *hilum_nrrd_read_labels(const char *path, GPtrArray **names, const HilumProgress *progress,
                                           GError **error);
/* int16 / uint16 / uint8 volumes. */
HilumVolume *hilum_nrrd_read_volume(const char *path, const HilumProgress *progress, GError **error);

G_END_DECLS
