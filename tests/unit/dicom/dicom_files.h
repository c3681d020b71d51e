/* DICOM files made by tests: a small CT image with any attribute replaced, or raw bytes. */
#pragma once

#include "dcmtk_bridge.h"

#include "hilum/dicom/dicom.h"

#include <glib/gstdio.h>
#include <string.h>

enum { FILE_COLUMNS = 6, FILE_ROWS = 4, FILE_VOXELS = FILE_COLUMNS * FILE_ROWS };

typedef struct {
  HilumDcmtkAttribute rows[80];
  size_t n;
} FileAttributes;

/* Adds or replaces; the strings are borrowed. */
static inline void file_set(FileAttributes *a, uint16_t group, uint16_t element, const char *vr,
                            const char *value)
{
  uint32_t tag = HILUM_TAG(group, element);
  size_t i = 0;
  while (i < a->n && a->rows[i].tag != tag)
    i++;
  if (i == a->n) a->n++;
  a->rows[i] = (HilumDcmtkAttribute){tag, vr, value};
}

static inline FileAttributes file_attributes(const char *sop_uid, const char *position)
{
  FileAttributes a = {.n = 0};
  file_set(&a, 0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2");
  file_set(&a, 0x0008, 0x0018, "UI", sop_uid);
  file_set(&a, 0x0008, 0x0060, "CS", "CT");
  file_set(&a, 0x0010, 0x0020, "LO", "P1");
  file_set(&a, 0x0020, 0x000D, "UI", "1.2.3");
  file_set(&a, 0x0020, 0x000E, "UI", "1.2.3.4");
  file_set(&a, 0x0020, 0x0032, "DS", position);
  file_set(&a, 0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0");
  file_set(&a, 0x0028, 0x0002, "US", "1");
  file_set(&a, 0x0028, 0x0004, "CS", "MONOCHROME2");
  file_set(&a, 0x0028, 0x0010, "US", "4");
  file_set(&a, 0x0028, 0x0011, "US", "6");
  file_set(&a, 0x0028, 0x0030, "DS", "0.5\\0.75");
  file_set(&a, 0x0028, 0x0100, "US", "16");
  file_set(&a, 0x0028, 0x0101, "US", "16");
  file_set(&a, 0x0028, 0x0102, "US", "15");
  file_set(&a, 0x0028, 0x0103, "US", "1");
  file_set(&a, 0x0028, 0x1052, "DS", "-1024");
  file_set(&a, 0x0028, 0x1053, "DS", "1");
  return a;
}

static inline GBytes *file_compose(const FileAttributes *a, const int16_t *pixels)
{
  int16_t ramp[FILE_VOXELS];
  for (int i = 0; i < FILE_VOXELS; i++)
    ramp[i] = (int16_t)(i * 10);
  g_autoptr(GError) error = NULL;
  GBytes *bytes = hilum_dcmtk_write_image(a->rows, a->n, pixels ? pixels : ramp, FILE_VOXELS, &error);
  g_assert_no_error(error);
  return bytes;
}

static inline void file_put(const char *dir, const char *name, const void *data, size_t n)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  /* Not synced to the disk, unlike g_file_set_contents(): some tests write thousands. */
  g_assert_true(g_file_set_contents_full(path, data, (gssize)n, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static inline void file_write(const char *dir, const char *name, const FileAttributes *a,
                              const int16_t *pixels)
{
  g_autoptr(GBytes) bytes = file_compose(a, pixels);
  file_put(dir, name, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static inline char *folder_new(void)
{
  char *dir = g_dir_make_tmp("hilum-dicom-XXXXXX", NULL);
  g_assert_nonnull(dir);
  return dir;
}

/* Removes the folder and all below it; frees the path. */
static inline void folder_remove(char *path)
{
  GDir *dir = g_dir_open(path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir)) != NULL;) {
    char *child = g_build_filename(path, name, NULL);
    if (g_file_test(child, G_FILE_TEST_IS_DIR) && !g_file_test(child, G_FILE_TEST_IS_SYMLINK))
      folder_remove(child);
    else {
      (void)g_unlink(child);
      g_free(child);
    }
  }
  if (dir) g_dir_close(dir);
  (void)g_rmdir(path);
  g_free(path);
}
typedef char TestFolder;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestFolder, folder_remove)

static inline HilumCatalog *scan_one(const char *path, GError **error)
{
  const char *paths[] = {path};
  return hilum_catalog_scan(paths, 1, NULL, error);
}

static inline const HilumFinding *find_code(const HilumFinding *findings, size_t n, const char *code)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(findings[i].code, code) == 0) return &findings[i];
  return NULL;
}
