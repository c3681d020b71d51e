/* The sample study on disk: the phantom's three phases as genuine CT DICOM, with the truth beside them. What
 * the window's "Try the sample kidney" and `hilum-cli demo` both make.
 *
 * A sample folder is complete or absent: it is built in a temporary folder beside the target and renamed.
 * Inside: arterial/ nephrographic/ excretory/ (one file a slice), truth.nrrd (labels in LPS, named) and
 * truth.json (volumes, diameters, distances, seeds; docs/sample-kidney.md). Deterministic: the same options give the
 * same bytes. Any thread. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/phantom/phantom.h"

G_BEGIN_DECLS

/* Makes the full-size study of `seed` (0: 1) in `dir`, which must not exist or be empty; missing parents are
 * made. HILUM_SAMPLE_ERROR_FOLDER naming `dir` otherwise. */
bool hilum_sample_make(const char *dir, uint64_t seed, const HilumProgress *progress, GError **error);

/* The same with the phantom's own options: smaller grids for tests. */
bool hilum_sample_make_with(const char *dir, const HilumPhantomOptions *options,
                            const HilumProgress *progress, GError **error);

/* Where this version keeps its sample: <user cache>/hilum/sample-<version>, with "-small" for the small grid.
 * Nothing is made. g_free(). */
char *hilum_sample_dup_cached_dir(bool small);

/* True if `dir` holds a finished sample. */
bool hilum_sample_exists(const char *dir);

/* Makes the cached sample unless it is there, and returns its folder; g_free(). `small`: half the voxels an
 * axis, for slow machines and tests. Two processes may race: both end with the same folder. */
char *hilum_sample_ensure_cached(bool small, const HilumProgress *progress, GError **error);

G_END_DECLS
