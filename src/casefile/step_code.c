/* A step as bytes: little-endian numbers, texts with their length in front, deltas as
 * hilum_label_delta_encode() has them; the whole deflated behind its own length. docs/case-format.md. */
#include "hilum/base/memory.h"
#include "hilum/casefile/error.h"
#include "record_private.h"
#include "step_private.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

/* 2: traits have a boundary. */
enum { STEP_CODE_VERSION = 2, LENGTH_BYTES = 8, DEFLATE_LEVEL = 1, PIECE_BYTES = 1 << 24 };

/* --- out --- */

static void put8(GByteArray *out, uint8_t value)
{
  g_byte_array_append(out, &value, 1);
}

static void put32(GByteArray *out, uint32_t value)
{
  value = GUINT32_TO_LE(value);
  g_byte_array_append(out, (const guint8 *)&value, sizeof value);
}

static void put64(GByteArray *out, uint64_t value)
{
  value = GUINT64_TO_LE(value);
  g_byte_array_append(out, (const guint8 *)&value, sizeof value);
}

static void put_real(GByteArray *out, double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  put64(out, bits);
}

static void put_text(GByteArray *out, const char *text)
{
  const size_t bytes = strlen(text);
  put32(out, (uint32_t)bytes);
  g_byte_array_append(out, (const guint8 *)text, (guint)bytes);
}

static void put_traits(GByteArray *out, const HilumStructureTraits *traits)
{
  put_text(out, traits->name);
  put8(out, (uint8_t)traits->kind);
  put32(out, traits->color);
  put8(out, traits->locked);
  const bool range = hilum_structure_boundary_is_range(&traits->boundary);
  put8(out, range);
  if (!range) return;
  put32(out, traits->boundary.phase);
  put_real(out, traits->boundary.lo);
  put_real(out, traits->boundary.hi);
}

static void put_alignment(GByteArray *out, const HilumAlignment *a)
{
  const HilumRigid *t = &a->transform;
  const double reals[] = {t->rotation.w,       t->rotation.x,       t->rotation.y,  t->rotation.z,
                          t->centre_mm.x,      t->centre_mm.y,      t->centre_mm.z, t->translation_mm.x,
                          t->translation_mm.y, t->translation_mm.z, a->similarity,  a->residual_mm,
                          a->residual_worst_mm};
  put8(out, (uint8_t)a->method);
  put8(out, (uint8_t)a->metric);
  put8(out, (uint8_t)a->verdict);
  for (gsize i = 0; i < G_N_ELEMENTS(reals); i++)
    put_real(out, reals[i]);
}

static void put_command(GByteArray *out, const HilumCommandRecord *c)
{
  put8(out, (uint8_t)c->kind);
  put_text(out, c->label);
  switch (c->kind) {
  case HILUM_COMMAND_LABELS: {
    const guint at = out->len;
    put64(out, 0);
    hilum_label_delta_encode(c->delta, out);
    const uint64_t bytes = GUINT64_TO_LE((uint64_t)out->len - at - 8);
    memcpy(out->data + at, &bytes, sizeof bytes);
    break;
  }
  case HILUM_COMMAND_LIST:
    put8(out, c->structure);
    put8(out, c->add);
    put8(out, c->visible);
    put32(out, c->position);
    put_real(out, c->opacity);
    put_traits(out, &c->after);
    break;
  case HILUM_COMMAND_TRAITS:
    put8(out, c->structure);
    put_traits(out, &c->before);
    put_traits(out, &c->after);
    break;
  case HILUM_COMMAND_ALIGNMENT:
    put32(out, c->phase);
    put_alignment(out, &c->lay_before);
    put_alignment(out, &c->lay_after);
    break;
  case HILUM_COMMAND_SIDE:
    put8(out, (uint8_t)c->side_before);
    put8(out, (uint8_t)c->side_after);
    break;
  }
}

static GBytes *deflate_code(const GByteArray *code)
{
  uLongf bytes = compressBound(code->len);
  guint8 *packed = g_malloc(LENGTH_BYTES + bytes);
  const uint64_t length = GUINT64_TO_LE((uint64_t)code->len);
  memcpy(packed, &length, sizeof length);
  /* Cannot fail: the buffer is as large as it can need, and zlib's own memory is small. */
  if (compress2(packed + LENGTH_BYTES, &bytes, code->data, code->len, DEFLATE_LEVEL) != Z_OK)
    g_error("zlib could not compress %u bytes", code->len);
  return g_bytes_new_take(g_realloc(packed, LENGTH_BYTES + bytes), LENGTH_BYTES + bytes);
}

GBytes *hilum_step_record_dup_packed(HilumStepRecord *step)
{
  pthread_mutex_lock(&step->lock);
  if (!step->packed) {
    g_autoptr(GByteArray) code = g_byte_array_new();
    put8(code, STEP_CODE_VERSION);
    put_text(code, step->label);
    put64(code, step->before);
    put64(code, step->after);
    put8(code, step->group);
    put32(code, step->commands->len);
    for (guint c = 0; c < step->commands->len; c++)
      put_command(code, g_ptr_array_index(step->commands, c));
    step->packed = deflate_code(code);
  }
  GBytes *packed = g_bytes_ref(step->packed);
  pthread_mutex_unlock(&step->lock);
  return packed;
}

/* --- in --- */

/* `bad` is sticky: values are fetched first and judged once a command. */
typedef struct {
  const uint8_t *at, *end;
  uint8_t version;
  const int32_t *dims;
  guint n_phases;
  bool bad;
} In;

static const uint8_t *take(In *in, size_t bytes)
{
  if (in->bad || (size_t)(in->end - in->at) < bytes) {
    in->bad = true;
    return NULL;
  }
  const uint8_t *data = in->at;
  in->at += bytes;
  return data;
}

static uint8_t get8(In *in, uint8_t max)
{
  const uint8_t *data = take(in, 1);
  if (data && *data > max) in->bad = true;
  return in->bad ? 0 : *data;
}

static uint32_t get32(In *in, uint32_t max)
{
  uint32_t value = 0;
  const uint8_t *data = take(in, sizeof value);
  if (data) memcpy(&value, data, sizeof value);
  value = GUINT32_FROM_LE(value);
  if (value > max) in->bad = true;
  return in->bad ? 0 : value;
}

static uint64_t get64(In *in)
{
  uint64_t value = 0;
  const uint8_t *data = take(in, sizeof value);
  if (data) memcpy(&value, data, sizeof value);
  return GUINT64_FROM_LE(value);
}

static double get_real(In *in)
{
  const uint64_t bits = get64(in);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static char *get_text(In *in)
{
  const uint32_t bytes = get32(in, HILUM_CASE_MAX_TEXT);
  const char *text = (const char *)take(in, bytes);
  if (text && !g_utf8_validate(text, bytes, NULL)) in->bad = true;
  return in->bad ? g_strdup("") : g_strndup(text, bytes);
}

static HilumStructureTraits get_traits(In *in)
{
  HilumStructureTraits traits = {.name = get_text(in)};
  traits.kind = (HilumStructureKind)get8(in, HILUM_STRUCTURE_KINDS - 1);
  traits.color = get32(in, 0xFFFFFF);
  traits.locked = get8(in, 1);
  if (in->version >= 2 && get8(in, 1)) {
    traits.boundary.phase = get32(in, in->n_phases - 1);
    traits.boundary.lo = get_real(in);
    traits.boundary.hi = get_real(in);
    if (!hilum_structure_boundary_is_range(&traits.boundary)) in->bad = true;
  }
  if (hilum_structure_name_defect(traits.name)) in->bad = true;
  return traits;
}

static HilumAlignment get_alignment(In *in)
{
  HilumAlignment a = {.method = (HilumAlignmentMethod)get8(in, HILUM_ALIGNMENT_METHODS - 1)};
  HilumRigid *t = &a.transform;
  a.metric = (HilumRegisterMetric)get8(in, HILUM_REGISTER_CORRELATION);
  a.verdict = (HilumRegisterVerdict)get8(in, HILUM_REGISTER_FEW_LANDMARKS);
  double *reals[] = {&t->rotation.w,       &t->rotation.x,       &t->rotation.y,  &t->rotation.z,
                     &t->centre_mm.x,      &t->centre_mm.y,      &t->centre_mm.z, &t->translation_mm.x,
                     &t->translation_mm.y, &t->translation_mm.z, &a.similarity,   &a.residual_mm,
                     &a.residual_worst_mm};
  for (gsize i = 0; i < G_N_ELEMENTS(reals); i++)
    *reals[i] = get_real(in);
  if (!hilum_alignment_is_valid(&a) || isinf(a.similarity) || isinf(a.residual_mm) ||
      isinf(a.residual_worst_mm) || a.residual_mm < 0)
    in->bad = true;
  return a;
}

static uint8_t get_label(In *in)
{
  const uint8_t label = get8(in, HILUM_LABEL_COUNT - 1);
  if (label == 0) in->bad = true;
  return label;
}

static HilumCommandRecord *get_command(In *in)
{
  const HilumCommandKind kind = (HilumCommandKind)get8(in, HILUM_COMMAND_SIDE);
  g_autofree char *label = get_text(in);
  HilumCommandRecord *c = hilum_command_record_new(kind, label);
  switch (kind) {
  case HILUM_COMMAND_LABELS: {
    const uint64_t bytes = get64(in);
    const uint8_t *data = bytes <= G_MAXSIZE ? take(in, (size_t)bytes) : NULL;
    if (data) c->delta = hilum_label_delta_decode(in->dims, data, (size_t)bytes, NULL);
    break;
  }
  case HILUM_COMMAND_LIST:
    c->structure = get_label(in);
    c->add = get8(in, 1);
    c->visible = get8(in, 1);
    c->position = get32(in, G_MAXUINT32);
    c->opacity = get_real(in);
    c->after = get_traits(in);
    if (!(c->opacity >= 0 && c->opacity <= 1)) in->bad = true;
    break;
  case HILUM_COMMAND_TRAITS:
    c->structure = get_label(in);
    c->before = get_traits(in);
    c->after = get_traits(in);
    break;
  case HILUM_COMMAND_ALIGNMENT:
    c->phase = get32(in, in->n_phases - 1);
    c->lay_before = get_alignment(in);
    c->lay_after = get_alignment(in);
    if (c->phase == 0) in->bad = true; /* everything lies on the first */
    break;
  case HILUM_COMMAND_SIDE:
    c->side_before = (HilumSide)get8(in, HILUM_SIDE_BOTH);
    c->side_after = (HilumSide)get8(in, HILUM_SIDE_BOTH);
    break;
  default:
    in->bad = true;
  }
  if (!in->bad && (kind != HILUM_COMMAND_LABELS || c->delta)) return c;
  in->bad = true;
  hilum_command_record_free(c);
  return NULL;
}

/* Unfolds in pieces, so that a length that lies costs no more than what is really there. */
static GByteArray *inflate_code(const guint8 *data, size_t bytes)
{
  uint64_t length;
  if (bytes < LENGTH_BYTES) return NULL;
  memcpy(&length, data, sizeof length);
  length = GUINT64_FROM_LE(length);
  if (length > MIN((uint64_t)hilum_memory_budget(), (uint64_t)G_MAXINT32)) return NULL;
  z_stream zip = {.next_in = (Bytef *)(uintptr_t)(data + LENGTH_BYTES),
                  .avail_in = (uInt)(bytes - LENGTH_BYTES)};
  if (inflateInit(&zip) != Z_OK) return NULL;
  GByteArray *out = g_byte_array_new();
  int state = Z_OK;
  while (state == Z_OK && out->len <= length) {
    const guint used = out->len, room = (guint)MIN((uint64_t)PIECE_BYTES, length - used + 1);
    g_byte_array_set_size(out, used + room);
    zip.next_out = out->data + used;
    zip.avail_out = room;
    state = inflate(&zip, Z_NO_FLUSH);
    g_byte_array_set_size(out, used + room - zip.avail_out);
  }
  const bool whole = state == Z_STREAM_END && zip.avail_in == 0 && out->len == length;
  inflateEnd(&zip);
  if (whole) return out;
  g_byte_array_unref(out);
  return NULL;
}

static HilumStepRecord *get_step(In *in)
{
  in->version = get8(in, STEP_CODE_VERSION);
  if (in->version < 1) return NULL;
  g_autofree char *label = get_text(in);
  const uint64_t before = get64(in), after = get64(in);
  const bool group = get8(in, 1);
  const uint32_t n = get32(in, HILUM_STEP_MAX_COMMANDS);
  g_autoptr(HilumStepRecord) step = hilum_step_record_new(label, before, after, group);
  for (uint32_t c = 0; c < n && !in->bad; c++) {
    HilumCommandRecord *command = get_command(in);
    if (command) g_ptr_array_add(step->commands, command);
  }
  if (in->bad || in->at != in->end || n == 0 || after <= before || after > G_MAXINT64) return NULL;
  return g_steal_pointer(&step);
}

HilumStepRecord *hilum_step_record_new_from_packed(GBytes *packed, const int32_t dims[3], guint n_phases,
                                                   GError **error)
{
  gsize bytes = 0;
  const guint8 *data = g_bytes_get_data(packed, &bytes);
  g_autoptr(GByteArray) code = bytes <= G_MAXINT32 ? inflate_code(data, bytes) : NULL;
  HilumStepRecord *step = NULL;
  if (code) {
    In in = {.at = code->data, .end = code->data + code->len, .dims = dims, .n_phases = MAX(n_phases, 1)};
    step = get_step(&in);
  }
  if (step)
    step->packed = g_bytes_ref(packed);
  else
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_CORRUPT,
                        "a step of the history is malformed");
  return step;
}
