/* Case files. docs/case-format.md has the format.
 *
 * A record is an immutable picture of a case: captured on the main thread in O(bricks), written by any
 * thread; or read by any thread and made into a case on the main thread. Images are not in the file, only
 * references to them: they are found again by path, by path relative to the case file, or in the folders that
 * the user points to. A case whose images are missing still opens with its structures and labels. */
#pragma once

#include "hilum/casefile/case.h"

G_BEGIN_DECLS

typedef struct HilumCaseRecord HilumCaseRecord;
typedef struct HilumCaseImages HilumCaseImages;

HilumCaseRecord *hilum_case_record_ref(HilumCaseRecord *record);
void hilum_case_record_unref(HilumCaseRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumCaseRecord, hilum_case_record_unref)

/* --- saving --- */
/* Main thread. Fails only if the case has no phase yet. */
HilumCaseRecord *hilum_case_capture(HilumCase *self, GError **error);
/* Any thread. The file appears whole or the old one stays. Fingerprints of the source files are taken on the
 * first write of a phase. */
bool hilum_case_record_write(HilumCaseRecord *record, const char *path, const HilumProgress *progress,
                             GError **error);
/* Main thread, after a write: path and saved state. Steps made since the capture stay unsaved. */
void hilum_case_mark_saved(HilumCase *self, HilumCaseRecord *record, const char *path);

/* --- opening --- */
/* Any thread. Everything is checked: it may come from anywhere. HILUM_CASEFILE_ERROR_OPEN, _VERSION,
 * _CORRUPT. */
HilumCaseRecord *hilum_case_record_read(const char *path, const HilumProgress *progress, GError **error);
/* Any thread. Looks for the images of every phase: recorded paths, paths relative to the case, then the
 * `search` folders by series and SOP instance UIDs. Each volume must have the recorded grid and voxels, or it
 * is refused. What is missing, refused or worth knowing becomes a finding that names the phase. NULL only if
 * cancelled or a search folder cannot be read. */
HilumCaseImages *hilum_case_record_load_images(HilumCaseRecord *record, const char *const *search,
                                               size_t n_search, const HilumProgress *progress,
                                               GError **error);
void hilum_case_images_free(HilumCaseImages *images);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumCaseImages, hilum_case_images_free)
/* HilumFinding: codes "images-missing", "images-differ" (refused), "images-decoded-differently",
 * "images-unverified" (warnings). Borrowed.
 */
const HilumFinding *hilum_case_images_get_findings(const HilumCaseImages *images, size_t *n);
size_t hilum_case_images_get_missing(const HilumCaseImages *images); /* phases without a volume */

/* Main thread. `images` may be NULL (none). The case has the record's path and is unmodified, unless images
 * were found in another place than recorded. */
HilumCase *hilum_case_new_from_record(HilumCaseRecord *record, HilumCaseImages *images, GError **error);
/* Main thread: gives volumes to phases that lack one. For relocating: capture, load images with the folder
 * that the user chose, attach. Returns how many came. */
guint hilum_case_attach_images(HilumCase *self, HilumCaseImages *images);

/* --- both steps at once, for programs without a window --- */
/* `findings` (may be NULL) gets a GArray of HilumFinding, cleared with the array; images that were not found
 * are no error here. */
HilumCase *hilum_case_open(const char *path, const char *const *search, size_t n_search, GArray **findings,
                           const HilumProgress *progress, GError **error);
bool hilum_case_save(HilumCase *self, const char *path, const HilumProgress *progress, GError **error);
G_END_DECLS
