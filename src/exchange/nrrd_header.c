/* NRRD headers (teem.sourceforge.net/nrrd/format.html), as far as three-dimensional medical images use them.
 * What places the voxels in the patient must be there: nothing is guessed. */
#include "nrrd_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"
#include "hilum/exchange/error.h"

#include <math.h>
#include <string.h>

#define HEADER_MAX ((size_t)1 << 20)

static const struct {
  HilumNrrdType type;
  const char *names; /* separated and surrounded by bars */
} types[] = {
    {HILUM_NRRD_INT8, "|signed char|int8|int8_t|"},
    {HILUM_NRRD_UINT8, "|uchar|unsigned char|uint8|uint8_t|"},
    {HILUM_NRRD_INT16, "|short|short int|signed short|signed short int|int16|int16_t|"},
    {HILUM_NRRD_UINT16, "|ushort|unsigned short|unsigned short int|uint16|uint16_t|"},
    {HILUM_NRRD_INT32, "|int|signed int|int32|int32_t|"},
    {HILUM_NRRD_UINT32, "|uint|unsigned int|uint32|uint32_t|"},
};

size_t hilum_nrrd_type_bytes(HilumNrrdType type)
{
  return (size_t)1 << ((unsigned)type / 2);
}

void hilum_nrrd_set_error(GError **error, const char *path, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *reason = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_autofree char *name = g_filename_display_basename(path);
  g_set_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT, "“%s” cannot be used as NRRD: %s.",
              name, reason);
}

void hilum_nrrd_header_clear(HilumNrrdHeader *header)
{
  g_clear_pointer(&header->pairs, g_hash_table_unref);
}

/* n numbers separated by blanks, commas and parentheses; nothing else may follow. */
static bool parse_numbers(const char *text, double *out, int n)
{
  for (int i = 0; i < n; i++) {
    char *end;
    text += strspn(text, " \t,()");
    out[i] = g_ascii_strtod(text, &end);
    if (end == text || !isfinite(out[i])) return false;
    text = end;
  }
  return text[strspn(text, " \t,()")] == '\0';
}

static bool parse_type(const char *value, HilumNrrdType *type)
{
  g_autofree char *key = g_strdup_printf("|%s|", value);
  for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
    if (!strstr(types[i].names, key)) continue;
    *type = types[i].type;
    return true;
  }
  return false;
}

/* Signs that turn a space into LPS. */
static bool parse_space(const char *value, double sign[3])
{
  static const struct {
    const char *name, *letters;
    double sign[3];
  } spaces[] = {
      {"left-posterior-superior", "LPS", {1, 1, 1}},
      {"right-anterior-superior", "RAS", {-1, -1, 1}},
      {"left-anterior-superior", "LAS", {1, -1, 1}},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(spaces); i++) {
    if (g_ascii_strcasecmp(value, spaces[i].name) != 0 && g_ascii_strcasecmp(value, spaces[i].letters) != 0)
      continue;
    memcpy(sign, spaces[i].sign, sizeof spaces[i].sign);
    return true;
  }
  return false;
}

/* "\n" and "\\" as the format escapes them. */
static char *unescape(const char *text)
{
  GString *out = g_string_new(NULL);
  for (; *text; text++) {
    if (text[0] == '\\' && text[1] == 'n') {
      g_string_append_c(out, ' ');
      text++;
    } else {
      if (text[0] == '\\' && text[1] == '\\') text++;
      g_string_append_c(out, *text);
    }
  }
  return g_string_free(out, FALSE);
}

/* Splits the header into fields ("key: value") and pairs ("key:=value"). */
static bool split_lines(const char *path, const char *data, size_t bytes, GHashTable *fields,
                        HilumNrrdHeader *header, GError **error)
{
  const size_t limit = MIN(bytes, HEADER_MAX);
  size_t at = 0;
  for (guint line = 0; at < limit; line++) {
    const char *end = memchr(data + at, '\n', limit - at);
    if (!end) break;
    g_autofree char *text = g_strndup(data + at, (gsize)(end - (data + at)));
    g_strchomp(text);
    at = (size_t)(end - data) + 1;
    if (line == 0 || text[0] == '#') continue;
    if (!*text) {
      header->data_offset = at;
      return true;
    }
    char *colon = strchr(text, ':');
    if (!colon) {
      hilum_nrrd_set_error(error, path, "line %u of its header is neither a field nor a pair", line + 1);
      return false;
    }
    *colon = '\0';
    if (colon[1] == '=')
      g_hash_table_insert(header->pairs, g_strdup(text), unescape(colon + 2));
    else
      g_hash_table_insert(fields, g_ascii_strdown(g_strstrip(text), -1), g_strdup(g_strstrip(colon + 1)));
  }
  hilum_nrrd_set_error(error, path, "its header does not end");
  return false;
}

static bool parse_geometry(const char *path, GHashTable *fields, HilumNrrdHeader *header, GError **error)
{
  const char *sizes = g_hash_table_lookup(fields, "sizes");
  const char *space = g_hash_table_lookup(fields, "space");
  const char *directions = g_hash_table_lookup(fields, "space directions");
  const char *origin = g_hash_table_lookup(fields, "space origin");
  double n[3], sign[3], d[9], o[3];
  if (!sizes || !parse_numbers(sizes, n, 3)) {
    hilum_nrrd_set_error(error, path, "its sizes are not three numbers");
    return false;
  }
  if (!space || !parse_space(space, sign)) {
    hilum_nrrd_set_error(error, path, "it does not say that it lies in LPS, RAS or LAS space");
    return false;
  }
  if (!directions || !parse_numbers(directions, d, 9) || !origin || !parse_numbers(origin, o, 3)) {
    hilum_nrrd_set_error(error, path, "its space directions or its space origin are missing or malformed");
    return false;
  }
  HilumGrid *grid = &header->grid;
  grid->origin_mm = hilum_vec3(sign[0] * o[0], sign[1] * o[1], sign[2] * o[2]);
  for (int a = 0; a < 3; a++) {
    if (!(n[a] >= 1 && n[a] <= 32767 && n[a] == floor(n[a]))) {
      hilum_nrrd_set_error(error, path, "a size is not a whole number from 1 to 32767");
      return false;
    }
    const HilumVec3 v = hilum_vec3(sign[0] * d[3 * a], sign[1] * d[3 * a + 1], sign[2] * d[3 * a + 2]);
    grid->dims[a] = (int32_t)n[a];
    grid->spacing_mm[a] = hilum_vec3_length(v);
    grid->axes[a] = hilum_vec3_normalize(v);
  }
  g_autoptr(GError) cause = NULL;
  if (hilum_grid_validate(grid, &cause)) return true;
  hilum_nrrd_set_error(error, path, "%s", cause->message);
  return false;
}

static bool parse_storage(const char *path, GHashTable *fields, HilumNrrdHeader *header, GError **error)
{
  const char *dimension = g_hash_table_lookup(fields, "dimension");
  const char *type = g_hash_table_lookup(fields, "type");
  const char *encoding = g_hash_table_lookup(fields, "encoding");
  const char *endian = g_hash_table_lookup(fields, "endian");
  if (!dimension || strcmp(dimension, "3") != 0) {
    hilum_nrrd_set_error(error, path, "it does not have three dimensions");
    return false;
  }
  if (g_hash_table_lookup(fields, "data file") || g_hash_table_lookup(fields, "datafile")) {
    hilum_nrrd_set_error(error, path, "its voxels lie in another file; save it as one file");
    return false;
  }
  if (g_hash_table_lookup(fields, "line skip") || g_hash_table_lookup(fields, "lineskip") ||
      g_hash_table_lookup(fields, "byte skip") || g_hash_table_lookup(fields, "byteskip")) {
    hilum_nrrd_set_error(error, path, "it skips lines or bytes, which is not supported");
    return false;
  }
  if (!type || !parse_type(type, &header->type)) {
    hilum_nrrd_set_error(error, path, "its voxels are not integers of 8, 16 or 32 bits");
    return false;
  }
  header->gzip = encoding && (strcmp(encoding, "gzip") == 0 || strcmp(encoding, "gz") == 0);
  if (!encoding || (!header->gzip && strcmp(encoding, "raw") != 0)) {
    hilum_nrrd_set_error(error, path, "its encoding is neither raw nor gzip");
    return false;
  }
  header->big_endian = endian && strcmp(endian, "big") == 0;
  if (hilum_nrrd_type_bytes(header->type) > 1 && !header->big_endian &&
      (!endian || strcmp(endian, "little") != 0)) {
    hilum_nrrd_set_error(error, path, "it does not say in which order the bytes of a voxel come");
    return false;
  }
  return true;
}

bool hilum_nrrd_parse(const char *path, const char *data, size_t bytes, HilumNrrdHeader *header,
                      GError **error)
{
  *header = (HilumNrrdHeader){.pairs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
  g_autoptr(GHashTable) fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  if (bytes < 8 || memcmp(data, "NRRD000", 7) != 0) {
    hilum_nrrd_set_error(error, path, "it does not begin as NRRD files do");
    return false;
  }
  if (!split_lines(path, data, bytes, fields, header, error) || !parse_storage(path, fields, header, error) ||
      !parse_geometry(path, fields, header, error))
    return false;
  const int32_t *n = header->grid.dims;
  if (!hilum_size_mul3(n[0], n[1], n[2], &header->data_bytes) ||
      !hilum_size_mul(header->data_bytes, hilum_nrrd_type_bytes(header->type), &header->data_bytes) ||
      header->data_bytes > hilum_memory_budget()) {
    hilum_nrrd_set_error(error, path, "it holds more voxels than this computer can");
    return false;
  }
  return true;
}
