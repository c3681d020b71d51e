/* Findings about one file on its own. */
#include "series.h"

#include "file_io.h"
#include "layout.h"

#include "hilum/dicom/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool hilum_dicom_sniff(const char *path)
{
  int fd = hilum_file_open(path);
  struct stat status;
  uint8_t head[132];
  bool good = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  size_t n = good ? (size_t)MIN((uint64_t)status.st_size, sizeof head) : 0;
  good = good && hilum_file_read_at(fd, head, n, 0) && hilum_layout_sniff(head, n);
  hilum_file_close(fd);
  return good;
}

/* A multi-frame file: what its volumes say of themselves, each thing once. */
static void check_frames(HilumRecord *r, GArray *findings)
{
  g_autoptr(GPtrArray) volumes = hilum_series_split(r->parts);
  g_autoptr(GHashTable) said = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint v = 0; v < volumes->len; v++) {
    const HilumSeries *s = g_ptr_array_index(volumes, v);
    for (guint i = 0; i < s->findings->len; i++) {
      const HilumFinding *f = &g_array_index(s->findings, HilumFinding, i);
      if (strcmp(f->code, "single-slice") != 0 && strcmp(f->code, "bad-uid") != 0 &&
          g_hash_table_add(said, f->message))
        hilum_findings_add(findings, f->verdict, f->code, "%s", f->message);
    }
  }
}

static void check_slice(HilumRecord *r, GArray *findings)
{
  hilum_record_check_pixels(r, findings);
  if (r->parts) check_frames(r, findings);
  if (r->frames != 1) return;
  g_autoptr(GPtrArray) one = g_ptr_array_new();
  g_ptr_array_add(one, r);
  g_autoptr(GArray) geometry = hilum_findings_new();
  HilumGrid grid;
  hilum_slices_build_grid(one, &grid, geometry);
  for (guint i = 0; i < geometry->len; i++) {
    const HilumFinding *f = &g_array_index(geometry, HilumFinding, i);
    if (strcmp(f->code, "single-slice") != 0)
      hilum_findings_add(findings, f->verdict, f->code, "%s", f->message);
  }
}

static void check_uids(const HilumRecord *r, GArray *findings)
{
  static const struct {
    HilumField field;
    const char *name;
  } UIDS[] = {{HILUM_FIELD_SOP_CLASS, "SOP class"},
              {HILUM_FIELD_SOP_UID, "SOP instance"},
              {HILUM_FIELD_STUDY_UID, "study"},
              {HILUM_FIELD_SERIES_UID, "series"}};
  for (size_t i = 0; i < G_N_ELEMENTS(UIDS); i++) {
    const char *uid = hilum_record_text(r, UIDS[i].field);
    if (!*uid || strlen(uid) > 64 || strspn(uid, "0123456789.") != strlen(uid))
      hilum_findings_add(findings, HILUM_VERDICT_WARNING, "bad-uid", "The %s UID is %s.", UIDS[i].name,
                         *uid ? "not valid" : "missing");
  }
}

GArray *hilum_dicom_check(const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename(path);
  int fd = hilum_file_open(path);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    int why = fd < 0 ? errno : EINVAL;
    hilum_file_close(fd);
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "“%s” cannot be read: %s.", name,
                g_strerror(why));
    return NULL;
  }
  g_autoptr(GError) why = NULL;
  g_autoptr(HilumRecord) r = hilum_record_read(fd, path, &why);
  hilum_file_close(fd);
  if (!r && g_error_matches(why, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_NOT_DICOM)) {
    g_propagate_error(error, g_steal_pointer(&why));
    return NULL;
  }
  GArray *findings = hilum_findings_new();
  if (!r) {
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "broken-file", "%s", why->message);
    return findings;
  }
  if (r->oversized_fields)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "oversized-attribute",
                       "“%s” holds attributes of absurd length, which were left out.", name);
  check_uids(r, findings);
  if (r->kind == HILUM_RECORD_SLICE) check_slice(r, findings);
  return findings;
}
