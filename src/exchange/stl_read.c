/* STL in, binary and text. The count in a binary header is a claim: the size of the file decides. Text is
 * told from binary by that size too, since many binary files begin with "solid". */
#include "hilum/exchange/stl.h"

#include "hilum/base/memory.h"
#include "hilum/exchange/error.h"
#include "soup_private.h"
#include "stl_private.h"

#include <math.h>
#include <string.h>

enum { HEAD_BYTES = 84, RECORD_BYTES = 50 };

static uint32_t get_le32(const guint8 *from)
{
  uint32_t bits;
  memcpy(&bits, from, 4);
  return GUINT32_FROM_LE(bits);
}

static float get_float(const guint8 *from)
{
  const uint32_t bits = get_le32(from);
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static bool all_finite(const float v[9])
{
  for (int c = 0; c < 9; c++)
    if (!isfinite(v[c])) return false;
  return true;
}

/* Corners of the records that are there, less those that are not finite. */
static float *binary_corners(const guint8 *data, HilumStlFacts *facts, size_t *n, GError **error)
{
  const size_t count = (size_t)MIN(facts->declared, (facts->file_bytes - HEAD_BYTES) / RECORD_BYTES);
  float *corners = hilum_big_alloc(count * 9 * sizeof(float), error); /* at most the file's own size */
  if (!corners) return NULL;
  for (size_t t = 0; t < count; t++) {
    const guint8 *record = data + HEAD_BYTES + t * RECORD_BYTES;
    float *v = corners + 9 * *n;
    for (size_t c = 0; c < 9; c++)
      v[c] = get_float(record + 12 + 4 * c);
    if (all_finite(v))
      ++*n;
    else
      facts->not_finite++;
  }
  facts->present = count;
  return corners;
}

/* --- text --- */

typedef struct {
  const char *at, *end;
} Words;

static bool next_word(Words *words, const char **word, size_t *length)
{
  while (words->at < words->end && g_ascii_isspace(*words->at))
    words->at++;
  *word = words->at;
  while (words->at < words->end && !g_ascii_isspace(*words->at))
    words->at++;
  *length = (size_t)(words->at - *word);
  return *length > 0;
}

static bool next_float(Words *words, float *value)
{
  const char *word;
  size_t length;
  char copy[64], *end;
  if (!next_word(words, &word, &length) || length >= sizeof copy) return false;
  memcpy(copy, word, length);
  copy[length] = '\0';
  *value = (float)g_ascii_strtod(copy, &end);
  return end == copy + length;
}

static bool is_word(const char *word, size_t length, const char *wanted)
{
  return length == strlen(wanted) && g_ascii_strncasecmp(word, wanted, length) == 0;
}

/* "vertex x y z", three to a "facet"; other words only structure them. */
static GArray *text_corners(const char *data, size_t bytes, HilumStlFacts *facts, const char **defect)
{
  g_autoptr(GArray) corners = g_array_new(FALSE, FALSE, 9 * sizeof(float));
  Words words = {data, data + bytes};
  const char *word;
  size_t length;
  float v[9];
  int n = 0;
  *defect = NULL;
  while (!*defect && next_word(&words, &word, &length)) {
    if (is_word(word, length, "vertex")) {
      float *p = v + 3 * MIN(n, 2);
      if (n++ >= 3)
        *defect = "a facet has more than three corners";
      else if (!next_float(&words, p) || !next_float(&words, p + 1) || !next_float(&words, p + 2))
        *defect = "a corner is not three numbers";
    } else if (is_word(word, length, "endfacet")) {
      if (n != 3) *defect = "a facet has fewer than three corners";
      facts->present++;
      if (n == 3 && all_finite(v))
        g_array_append_val(corners, v);
      else
        facts->not_finite++;
      n = 0;
    }
  }
  if (!*defect && n != 0) *defect = "it ends inside a facet";
  if (!*defect && facts->present == 0) *defect = "it holds no facet";
  facts->declared = facts->present;
  return g_steal_pointer(&corners);
}

/* --- both --- */

static bool starts_with_solid(const guint8 *data, size_t bytes)
{
  return bytes >= 5 && g_ascii_strncasecmp((const char *)data, "solid", 5) == 0;
}

/* Text if it says so, its size does not fit a binary file, and no NUL comes early. */
static bool looks_like_text(const guint8 *data, size_t bytes, const HilumStlFacts *facts)
{
  if (!starts_with_solid(data, bytes)) return false;
  if (bytes >= HEAD_BYTES && facts->wanted_bytes == bytes) return false;
  return memchr(data, 0, MIN(bytes, (size_t)512)) == NULL;
}

static void set_format_error(GError **error, const char *path, const char *reason)
{
  g_autofree char *name = g_filename_display_basename(path);
  g_set_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT,
              "“%s” is not a readable STL file: %s.", name, reason);
}

static HilumMesh *read_mapped(const char *path, const guint8 *data, size_t bytes, HilumStlFacts *facts,
                              const HilumProgress *progress, GError **error)
{
  *facts = (HilumStlFacts){.file_bytes = bytes};
  if (bytes >= HEAD_BYTES) {
    facts->declared = get_le32(data + 80);
    facts->wanted_bytes = HEAD_BYTES + facts->declared * RECORD_BYTES;
  }
  facts->text = looks_like_text(data, bytes, facts);
  if (!facts->text && bytes < HEAD_BYTES) {
    set_format_error(error, path,
                     bytes ? "it is shorter than the 84 bytes every binary STL begins with" : "it is empty");
    return NULL;
  }
  g_autoptr(GArray) text = NULL;
  float *corners = NULL;
  size_t n = 0;
  if (facts->text) {
    const char *defect;
    text = text_corners((const char *)data, bytes, facts, &defect);
    if (defect) {
      set_format_error(error, path, defect);
      return NULL;
    }
    n = text->len;
  } else {
    facts->solid_header = starts_with_solid(data, bytes);
    corners = binary_corners(data, facts, &n, error);
    if (!corners) return NULL;
  }
  HilumMesh *mesh = NULL;
  if (n > 0)
    mesh = hilum_soup_to_mesh(text ? (const float *)(void *)text->data : corners, n, progress, error);
  hilum_big_free(corners);
  return mesh;
}

HilumMesh *hilum_stl_read_lenient(const char *path, HilumStlFacts *facts, const HilumProgress *progress,
                                  GError **error)
{
  g_autoptr(GError) cause = NULL;
  g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &cause);
  if (!file) {
    g_autofree char *name = g_filename_display_basename(path);
    g_set_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_READ, "“%s” could not be read: %s", name,
                cause->message);
    return NULL;
  }
  const guint8 *data = (const guint8 *)g_mapped_file_get_contents(file);
  return read_mapped(path, data, g_mapped_file_get_length(file), facts, progress, error);
}

HilumMesh *hilum_stl_read(const char *path, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  HilumStlFacts facts;
  g_autoptr(GError) cause = NULL;
  g_autoptr(HilumMesh) mesh = hilum_stl_read_lenient(path, &facts, progress, &cause);
  if (cause) {
    g_propagate_error(error, g_steal_pointer(&cause));
    return NULL;
  }
  if (!facts.text && facts.wanted_bytes != facts.file_bytes) {
    g_autofree char *reason =
        g_strdup_printf("its header claims %" G_GUINT64_FORMAT " triangles, but its %" G_GUINT64_FORMAT
                        " bytes hold %" G_GUINT64_FORMAT,
                        facts.declared, facts.file_bytes, (facts.file_bytes - HEAD_BYTES) / RECORD_BYTES);
    set_format_error(error, path, reason);
    return NULL;
  }
  if (facts.not_finite > 0 || !mesh) {
    set_format_error(error, path,
                     mesh || facts.not_finite ? "it holds coordinates that are not numbers"
                                              : "it holds no triangle");
    return NULL;
  }
  return g_steal_pointer(&mesh);
}
