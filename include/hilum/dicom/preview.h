/* Something to look at before a volume is whole: a small picture of its middle slice for lists, and coarse
 * volumes while it loads. For orientation only: nothing is measured or drawn on either. */
#pragma once

#include "hilum/dicom/dicom.h"

G_BEGIN_DECLS

/* Square grey pixels, rows from the top. One block: g_free(). */
typedef struct {
  int32_t width, height;
  uint8_t grey[];
} HilumSlicePicture;

/* The middle slice of a volume, refused or not, as large as fits into max_width x max_height (1..4096 each)
 * with its true aspect, averaged down. Patient right, or anterior in sagittal slices, is on the left of the
 * picture; anterior, or superior where it lies in the slice, at the top; an oblique slice is turned to the
 * nearest of these. Grey by the window of the series, else by 350/40 HU in CT, else, and where that window
 * shows nothing of it, by the 1st to 99th percentile of the picture.
 * Reads one slice: HILUM_DICOM_ERROR_READ, or _UNSUPPORTED where it cannot be decoded or takes more than 256
 * MiB. Cancellation is looked at before and after the slice is decoded. Any thread, also beside
 * hilum_catalog_accept_gaps(), since it looks at nothing that accepting changes. */
HilumSlicePicture *hilum_catalog_make_picture(const HilumCatalog *catalog, size_t index, int max_width,
                                              int max_height, const HilumProgress *progress, GError **error);

/* Called by hilum_catalog_load_watched() from one of its threads, one call at a time, with ever finer
 * volumes: immutable, handed over to the callee, of exactly the bounds of the volume to come
 * (hilum_grid_bounds_mm()); planes averaged down to at most 320 voxels an axis, 16, 32 ... of them, each the
 * slice nearest to it. Good to look at; values are averages. Has to return at once. */
typedef void (*HilumLoadWatch)(HilumVolume *coarse, void *data);

/* hilum_catalog_load(), which reads evenly spread slices first and shows them: what comes out is the same,
 * bit for bit, and no slice is decoded twice. `watch` (NULL: nobody watches) is called where a volume has 32
 * slices or more and is not expected within 300 ms, and again while it is not within 900. What it is handed
 * has at most a sixteenth of the volume's voxels, or 3.2 MiB. */
HilumVolume *hilum_catalog_load_watched(const HilumCatalog *catalog, size_t index, HilumLoadWatch watch,
                                        void *watch_data, const HilumProgress *progress, GError **error);
/* Another wait than 300 ms, for tests; negative: back to the default. Any thread. */
void hilum_load_set_patience(int ms);

G_END_DECLS
