/* The sample study on disk. Everything is made in a temporary folder beside the target, which is then
 * renamed: whoever finds the folder finds all of it. */
#include "hilum/sample/sample.h"

#include "hilum/dicom/dicom.h"
#include "hilum/exchange/nrrd.h"
#include "hilum/sample/error.h"
#include "sample_private.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>

/* The study happened on one fixed day, so that two samples of one seed are the same bytes. */
#define SAMPLE_DATE "20260115"

static const struct {
  const char *folder, *description, *time, *contrast;
} phase_table[HILUM_PHANTOM_PHASES] = {
    [HILUM_PHANTOM_ARTERIAL] = {"arterial", "Arterial phase", "101520", "Synthetic"},
    [HILUM_PHANTOM_NEPHROGRAPHIC] = {"nephrographic", "Nephrographic phase", "101635", "Synthetic"},
    [HILUM_PHANTOM_EXCRETORY] = {"excretory", "Excretory phase", "102110", "Synthetic"},
};

const char *hilum_sample_phase_folder(HilumPhantomPhase phase)
{
  return phase_table[phase].folder;
}

static bool folder_fail(GError **error, const char *dir, int code)
{
  g_set_error(error, HILUM_SAMPLE_ERROR, HILUM_SAMPLE_ERROR_FOLDER, _("The folder “%s” cannot be made: %s."),
              dir, g_strerror(code));
  return false;
}

/* Removes a folder and what is in it, without following links. */
static void remove_tree(const char *path)
{
  GDir *dir = g_dir_open(path, 0, NULL);
  if (dir) {
    const char *name;
    while ((name = g_dir_read_name(dir))) {
      g_autofree char *child = g_build_filename(path, name, NULL);
      if (g_file_test(child, G_FILE_TEST_IS_DIR) && !g_file_test(child, G_FILE_TEST_IS_SYMLINK))
        remove_tree(child);
      else
        g_unlink(child);
    }
    g_dir_close(dir);
  }
  g_rmdir(path);
}

static bool is_absent_or_empty(const char *dir)
{
  GDir *entries = g_dir_open(dir, 0, NULL);
  if (!entries) return !g_file_test(dir, G_FILE_TEST_EXISTS);
  bool empty = g_dir_read_name(entries) == NULL;
  g_dir_close(entries);
  return empty;
}

static bool write_phase(const char *dir, const HilumPhantom *phantom, HilumPhantomPhase phase, uint64_t seed,
                        const HilumProgress *progress, GError **error)
{
  HilumProgress rendering = hilum_progress_part(progress, 0, 0.75, NULL);
  g_autoptr(HilumVolume) volume = hilum_phantom_render(phantom, phase, &rendering, error);
  if (!volume) return false;
  g_autofree char *folder = g_build_filename(dir, phase_table[phase].folder, NULL);
  if (g_mkdir(folder, 0777) != 0) return folder_fail(error, folder, errno);
  g_autofree char *study_uid = hilum_dicom_make_uid(seed, 1);
  g_autofree char *frame_uid = hilum_dicom_make_uid(seed, 2);
  g_autofree char *series_uid = hilum_dicom_make_uid(seed, 10 + (uint64_t)phase);
  HilumCtMeta meta = {
      .patient_name = "SAMPLE^KIDNEY",
      .patient_id = "DEMO-01",
      .birth_date = "19600101",
      .sex = "O",
      .study_uid = study_uid,
      .series_uid = series_uid,
      .frame_of_reference_uid = frame_uid,
      .study_date = SAMPLE_DATE,
      .study_time = "101500",
      .study_description = "Synthetic left kidney, three phases",
      .series_description = phase_table[phase].description,
      .series_date = SAMPLE_DATE,
      .series_time = phase_table[phase].time,
      .manufacturer = "Hilum",
      .model = "Sample kidney",
      .series_number = 2 + (int)phase,
      .acquisition_number = 1 + (int)phase,
      .body_part = "ABDOMEN",
      .patient_position = "HFS",
      .contrast_agent = phase_table[phase].contrast,
      .window_center = 40,
      .window_width = 300,
      .uid_seed = seed * 16 + (uint64_t)phase,
  };
  HilumProgress writing = hilum_progress_part(progress, 0.75, 1, NULL);
  return hilum_dicom_write_ct(folder, "ct", volume, &meta, &writing, error);
}

static bool fill_folder(const char *dir, const HilumPhantomOptions *options, const HilumProgress *progress,
                        GError **error)
{
  g_autoptr(HilumPhantom) phantom = hilum_phantom_new(options, error);
  if (!phantom) return false;
  uint64_t seed = options->seed ? options->seed : 1;
  for (int phase = 0; phase < HILUM_PHANTOM_PHASES; phase++) {
    HilumProgress part =
        hilum_progress_part(progress, 0.25 * phase, 0.25 * (phase + 1), _("Making the sample kidney"));
    if (!write_phase(dir, phantom, (HilumPhantomPhase)phase, seed, &part, error)) return false;
  }
  HilumProgress labelling = hilum_progress_part(progress, 0.75, 0.83, _("Writing the truth"));
  g_autoptr(HilumLabelSnapshot) truth = hilum_phantom_truth(phantom, &labelling, error);
  if (!truth) return false;
  const char *names[HILUM_LABEL_COUNT] = {NULL};
  for (int s = 1; s < HILUM_PHANTOM_STRUCTURES; s++)
    names[s] = hilum_phantom_structure_name((HilumPhantomStructure)s);
  g_autofree char *path = g_build_filename(dir, "truth.nrrd", NULL);
  HilumProgress saving = hilum_progress_part(progress, 0.83, 0.88, _("Writing the truth"));
  if (!hilum_nrrd_write_labels(path, truth, names, true, &saving, error)) return false;
  HilumProgress measuring = hilum_progress_part(progress, 0.88, 1, _("Measuring the truth"));
  return hilum_sample_write_truth(dir, phantom, options, truth, &measuring, error);
}

bool hilum_sample_make_with(const char *dir, const HilumPhantomOptions *options,
                            const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(dir != NULL, false);
  HilumPhantomOptions defaults = {0};
  if (!options) options = &defaults;
  g_autofree char *target = g_canonicalize_filename(dir, NULL);
  if (!is_absent_or_empty(target)) {
    g_set_error(error, HILUM_SAMPLE_ERROR, HILUM_SAMPLE_ERROR_FOLDER,
                _("The folder “%s” is not empty; name a new or an empty one."), dir);
    return false;
  }
  g_autofree char *parent = g_path_get_dirname(target);
  if (g_mkdir_with_parents(parent, 0777) != 0) return folder_fail(error, parent, errno);
  g_autofree char *partial = g_strconcat(target, ".part-XXXXXX", NULL);
  if (!g_mkdtemp_full(partial, 0755)) return folder_fail(error, target, errno);
  if (!fill_folder(partial, options, progress, error)) {
    remove_tree(partial);
    return false;
  }
  if (rename(partial, target) != 0) {
    int code = errno;
    remove_tree(partial);
    return folder_fail(error, dir, code);
  }
  return true;
}

bool hilum_sample_make(const char *dir, uint64_t seed, const HilumProgress *progress, GError **error)
{
  HilumPhantomOptions options = {.seed = seed};
  return hilum_sample_make_with(dir, &options, progress, error);
}

char *hilum_sample_dup_cached_dir(bool small)
{
  g_autofree char *name = g_strconcat("sample-" HILUM_VERSION, small ? "-small" : "", NULL);
  return g_build_filename(g_get_user_cache_dir(), "hilum", name, NULL);
}

bool hilum_sample_exists(const char *dir)
{
  g_autofree char *path = g_build_filename(dir, "truth.json", NULL);
  return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

char *hilum_sample_ensure_cached(bool small, const HilumProgress *progress, GError **error)
{
  g_autofree char *dir = hilum_sample_dup_cached_dir(small);
  if (hilum_sample_exists(dir)) return g_steal_pointer(&dir);
  HilumPhantomOptions options = {0};
  if (small) options = (HilumPhantomOptions){.dims = {192, 192, 120}, .spacing_mm = {1.6, 1.6, 2.0}};
  g_autoptr(GError) failure = NULL;
  if (!hilum_sample_make_with(dir, &options, progress, &failure)) {
    /* Another window may have finished the same folder while this one was at it. */
    if (!hilum_sample_exists(dir)) {
      g_propagate_error(error, g_steal_pointer(&failure));
      return NULL;
    }
  }
  return g_steal_pointer(&dir);
}
