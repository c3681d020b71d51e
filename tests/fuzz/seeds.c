/* Makes the seeds of the corpora out of nothing but Hilum's own writers; make-corpus runs it and adds what
 * DCMTK's encoders make of the slices. fuzz-seeds make FOLDER        slices, surfaces, volumes, a case,
 * recipes in FOLDER fuzz-seeds pixels IN OUT      the Pixel Data of a DICOM file as an input of fuzz-pixels
 *   fuzz-seeds join OUT FILE...   several files as an input of fuzz-catalog */
#include "file_io.h"
#include "layout.h"

#include "hilum/base/memory.h"
#include "hilum/casefile/journal.h"
#include "hilum/dicom/dicom.h"
#include "hilum/exchange/nrrd.h"
#include "hilum/exchange/stl.h"

#include <stdio.h>
#include <string.h>

enum { SIZE = 8, SLICES = 3 };

static bool complain(GError *error)
{
  if (error) fprintf(stderr, "fuzz-seeds: %s\n", error->message);
  g_clear_error(&error);
  return false;
}

static HilumVolume *make_volume(GError **error)
{
  HilumGrid grid = hilum_grid_new(SIZE, SIZE, SLICES, 0.7, 0.7, 1.25);
  int16_t *voxels = hilum_big_alloc(sizeof *voxels * SIZE * SIZE * SLICES, error);
  if (!voxels) return NULL;
  for (int i = 0; i < SIZE * SIZE * SLICES; i++)
    voxels[i] = (int16_t)(i % 7 == 0 ? -1000 : (i * 37) % 400);
  return hilum_volume_new_take(&grid, voxels, 1, -1024, "HU", error);
}

static bool make_dicom(const char *folder, const HilumVolume *volume, GError **error)
{
  HilumCtMeta meta = {.patient_name = "Seed^Fuzz",
                      .patient_id = "S1",
                      .series_description = "arterial",
                      .patient_position = "HFS",
                      .uid_seed = 7};
  return hilum_dicom_write_ct(folder, "slice", volume, &meta, NULL, error);
}

static bool make_mesh(const char *folder, GError **error)
{
  static const float corners[] = {0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10};
  static const uint32_t triangles[] = {0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3};
  float *positions = hilum_big_alloc(sizeof corners, error);
  uint32_t *indices = hilum_big_alloc(sizeof triangles, error);
  if (!positions || !indices) return false;
  memcpy(positions, corners, sizeof corners);
  memcpy(indices, triangles, sizeof triangles);
  g_autoptr(HilumMesh) mesh = hilum_mesh_new_take(hilum_vec3(1, 2, 3), 4, positions, NULL, 4, indices, error);
  g_autofree char *path = g_build_filename(folder, "binary.stl", NULL);
  return mesh && hilum_stl_write(path, &mesh, 1, HILUM_FRAME_RAS, NULL, NULL, NULL, error);
}

static HilumCase *make_case(HilumVolume *volume, GError **error)
{
  g_autoptr(HilumCase) made = hilum_case_new();
  if (!hilum_case_add_phase(made, NULL, volume, error)) return NULL;
  HilumStructure *kidney = hilum_case_add_structure(made, HILUM_STRUCTURE_PARENCHYMA, NULL, error);
  if (!kidney) return NULL;
  g_autoptr(HilumMask) mask = hilum_mask_new(hilum_volume_get_grid(volume)->dims, error);
  if (!mask) return NULL;
  hilum_mask_set_span(mask, 2, 6, 3, 1);
  HilumLabelWrite write;
  if (!hilum_case_prepare_write(made, kidney, HILUM_LABEL_REPLACE, &write, error)) return NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(made);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_mask(labels, mask, NULL, &write, NULL, error);
  if (!delta || !hilum_case_apply_labels(made, "Seed", delta, error)) return NULL;
  hilum_case_set_view_value(made, "camera", "1,2,3");
  return g_steal_pointer(&made);
}

static bool paint(HilumCase *made, int32_t j, GError **error)
{
  HilumStructure *kidney = hilum_case_get_structure(made, 1);
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(made);
  g_autoptr(HilumMask) mask = hilum_mask_new(hilum_label_snapshot_get_grid(labels)->dims, error);
  HilumLabelWrite write;
  if (!mask || !hilum_case_prepare_write(made, kidney, HILUM_LABEL_ADD, &write, error)) return false;
  hilum_mask_set_span(mask, 0, SIZE, j, 0);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_mask(labels, mask, NULL, &write, NULL, error);
  return delta && hilum_case_apply_labels(made, "Seed", delta, error);
}

/* A case with steps that were not saved: its file is written, its journal left. */
static bool make_journal(const char *path, HilumVolume *volume, GError **error)
{
  g_autoptr(HilumCase) made = make_case(volume, error);
  if (!made || !hilum_case_save(made, path, NULL, error)) return false;
  HilumRecovery recovery;
  g_autoptr(HilumCaseRecord) record =
      hilum_case_record_recover(path, HILUM_RECOVER_FOLLOW, &recovery, NULL, error);
  g_autoptr(HilumCase) opened = record ? hilum_case_new_from_record(record, NULL, error) : NULL;
  bool good = opened && hilum_case_follow(opened, recovery.journal, error);
  if (record) hilum_recovery_clear(&recovery);
  good = good && paint(opened, 5, error) && paint(opened, 6, error) &&
         hilum_case_add_structure(opened, HILUM_STRUCTURE_TUMOUR, NULL, error) &&
         hilum_history_undo(hilum_case_get_history(opened), error) &&
         hilum_history_redo(hilum_case_get_history(opened), error) &&
         hilum_case_add_phase(opened, NULL, volume, error);
  HilumStructure *tumour = good ? hilum_case_get_structure(opened, 2) : NULL;
  good = good && hilum_case_rename_structure(opened, tumour, "Cyst", error) &&
         hilum_case_recolor_structure(opened, tumour, 0x123456, error) &&
         hilum_case_recolor_structure(opened, tumour, 0x654321, error);
  if (good) hilum_case_set_side(opened, HILUM_SIDE_LEFT);
  return good && hilum_case_flush_journal(opened, error);
}

static bool make_files(const char *folder, GError **error)
{
  g_autoptr(HilumVolume) volume = make_volume(error);
  if (!volume || !make_dicom(folder, volume, error) || !make_mesh(folder, error)) return false;
  g_autofree char *raw = g_build_filename(folder, "raw.nrrd", NULL);
  g_autofree char *packed = g_build_filename(folder, "gzip.nrrd", NULL);
  g_autofree char *labels_path = g_build_filename(folder, "labels.nrrd", NULL);
  g_autofree char *journal_path = g_build_filename(folder, "journal.hilum", NULL);
  g_autofree char *case_path = g_build_filename(folder, "case.hilum", NULL);
  if (!hilum_nrrd_write_volume(raw, volume, false, NULL, NULL, error) ||
      !hilum_nrrd_write_volume(packed, volume, true, NULL, NULL, error))
    return false;
  g_autoptr(HilumCase) made = make_case(volume, error);
  if (!made) return false;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(made);
  const char *names[256] = {NULL, "kidney"};
  return hilum_nrrd_write_labels(labels_path, labels, names, true, NULL, error) &&
         hilum_case_save(made, case_path, NULL, error) && make_journal(journal_path, volume, error);
}

/* The order in which fuzz_pixels.c knows them. */
static int syntax_number(const char *uid)
{
  static const char *const LAST[] = {"1.2",      "1.2.1",    "1.2.2",    "1.2.5",    "1.2.4.50",
                                     "1.2.4.51", "1.2.4.57", "1.2.4.70", "1.2.4.80", "1.2.4.81"};
  for (size_t i = 0; i < G_N_ELEMENTS(LAST); i++)
    if (g_str_has_prefix(uid, "1.2.840.10008.") && strcmp(uid + 14, LAST[i]) == 0) return (int)i;
  return -1;
}

static bool extract_pixels(const char *in, const char *out, GError **error)
{
  g_autofree char *bytes = NULL;
  gsize n = 0;
  if (!g_file_get_contents(in, &bytes, &n, error)) return false;
  int fd = hilum_file_open(in);
  HilumLayout l;
  bool good = hilum_layout_read(&l, fd, in, error);
  hilum_file_close(fd);
  int number = good ? syntax_number(l.syntax_uid) : -1;
  if (good && number >= 0 && l.pixel_offset < n) {
    g_autoptr(GByteArray) seed = g_byte_array_new();
    bool narrow = number == 4 || number == 5; /* 8 bits */
    const uint8_t head[4] = {(uint8_t)number, narrow ? 0 : number >= 6 ? 1 : 3, SIZE, SIZE};
    g_byte_array_append(seed, head, 4);
    g_byte_array_append(seed, (const uint8_t *)bytes + l.pixel_offset, (guint)(n - l.pixel_offset));
    good = g_file_set_contents(out, (const char *)seed->data, seed->len, error);
  }
  hilum_layout_clear(&l);
  return good;
}

static bool join(const char *out, char **files, int n_files, GError **error)
{
  g_autoptr(GByteArray) all = g_byte_array_new();
  for (int i = 0; i < n_files; i++) {
    g_autofree char *bytes = NULL;
    gsize n = 0;
    if (!g_file_get_contents(files[i], &bytes, &n, error)) return false;
    if (i) g_byte_array_append(all, (const uint8_t *)"HILUMCUT", 8);
    g_byte_array_append(all, (const uint8_t *)bytes, (guint)n);
  }
  return g_file_set_contents(out, (const char *)all->data, all->len, error);
}

int main(int argc, char **argv)
{
  GError *error = NULL;
  bool good = false;
  if (argc == 3 && strcmp(argv[1], "make") == 0)
    good = make_files(argv[2], &error);
  else if (argc == 4 && strcmp(argv[1], "pixels") == 0)
    good = extract_pixels(argv[2], argv[3], &error);
  else if (argc > 3 && strcmp(argv[1], "join") == 0)
    good = join(argv[2], argv + 3, argc - 3, &error);
  else
    fprintf(stderr, "usage: fuzz-seeds make FOLDER | pixels IN OUT | join OUT FILE...\n");
  return good || complain(error) ? 0 : 1;
}
