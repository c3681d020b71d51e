/* Frames as records. */
#include "frames.h"

#include "dcmtk_bridge.h"
#include "fragments.h"

#include <string.h>

/* The classes whose functional groups are understood. Others (ultrasound, angiography, tomosynthesis ...)
 * have other macros and are no volumes of measured values on a grid. */
static bool has_understood_groups(const HilumRecord *file)
{
  static const char *const CLASSES[] = {
      "1.2.840.10008.5.1.4.1.1.2.1",   /* enhanced CT */
      "1.2.840.10008.5.1.4.1.1.2.2",   /* legacy-converted enhanced CT */
      "1.2.840.10008.5.1.4.1.1.4.1",   /* enhanced MR */
      "1.2.840.10008.5.1.4.1.1.4.4",   /* legacy-converted enhanced MR */
      "1.2.840.10008.5.1.4.1.1.128.1", /* legacy-converted enhanced PET */
      "1.2.840.10008.5.1.4.1.1.130",   /* enhanced PET */
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CLASSES); i++)
    if (strcmp(hilum_record_text(file, HILUM_FIELD_SOP_CLASS), CLASSES[i]) == 0) return true;
  return false;
}

/* The value of the functional group, where it has one, under the name that single images use. */
static void rename_fields(char *text[HILUM_FIELD_COUNT])
{
  static const struct {
    HilumField from, to;
  } NAMES[] = {{HILUM_FIELD_FRAME_TYPE, HILUM_FIELD_IMAGE_TYPE},
               {HILUM_FIELD_FRAME_DATETIME, HILUM_FIELD_ACQUISITION_DATETIME},
               {HILUM_FIELD_EFFECTIVE_ECHO_TIME, HILUM_FIELD_ECHO_TIME},
               {HILUM_FIELD_FRAME_LATERALITY, HILUM_FIELD_IMAGE_LATERALITY},
               {HILUM_FIELD_TEMPORAL_INDEX, HILUM_FIELD_TEMPORAL_POSITION},
               {HILUM_FIELD_TRIGGER_DELAY, HILUM_FIELD_TRIGGER_TIME},
               {HILUM_FIELD_FRAME_ACQUISITION, HILUM_FIELD_ACQUISITION_NUMBER}};
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    if (!text[NAMES[i].from]) continue;
    g_free(text[NAMES[i].to]);
    text[NAMES[i].to] = g_steal_pointer(&text[NAMES[i].from]);
  }
}

/* Dimension index values without those that count places, which positions say better: what is left tells
 * stacks, times, echoes and the like apart, whatever the vendor counts. */
static char *other_dimensions(const char *values, const GArray *dimensions)
{
  if (!values || !dimensions) return NULL;
  g_auto(GStrv) parts = g_strsplit(values, "\\", -1);
  if (g_strv_length(parts) != dimensions->len) return NULL;
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < dimensions->len; i++) {
    uint32_t tag = g_array_index(dimensions, uint32_t, i);
    if (tag == HILUM_TAG(0x0020, 0x0032) || tag == HILUM_TAG(0x0020, 0x9057)) continue;
    g_string_append_printf(out, "%s%s", out->len ? "\\" : "", parts[i]);
  }
  return g_string_free(out, FALSE);
}

static bool read_group(const HilumLayout *l, const HilumRecord *file, const GByteArray *group,
                       char *text[HILUM_FIELD_COUNT])
{
  HilumDcmtkBytes bytes = {group->data, group->len, l->implicit_vr, l->big_endian};
  bool good = hilum_dcmtk_read_fields(bytes, file->text[HILUM_FIELD_CHARSET], text, NULL);
  if (good) rename_fields(text);
  return good;
}

static void replace_text(char **text, char *value)
{
  if (!value) return;
  g_free(*text);
  *text = value;
}

static HilumRecord *make_frame(HilumRecord *file, const HilumLayout *l, guint index, HilumFrameSpan span)
{
  g_autoptr(HilumRecord) r = g_new0(HilumRecord, 1);
  r->file = hilum_record_ref(file);
  char *own[HILUM_FIELD_COUNT] = {NULL};
  bool good = read_group(l, file, g_ptr_array_index(l->groups.frames, index), own);
  replace_text(&own[HILUM_FIELD_DIMENSION_VALUES],
               other_dimensions(own[HILUM_FIELD_DIMENSION_VALUES], l->groups.dimensions));
  replace_text(&own[HILUM_FIELD_INSTANCE_NUMBER], g_strdup_printf("%u", index + 1));
  replace_text(&own[HILUM_FIELD_FRAMES], g_strdup("1"));
  for (int f = 0; f < HILUM_FIELD_COUNT; f++)
    r->text[f] = own[f] ? own[f] : file->text[f];
  r->path = g_strdup(file->path);
  r->frame_number = (int32_t)index + 1;
  r->name = g_strdup_printf("%s frame %u", hilum_record_name(file), index + 1);
  r->image_id = g_strdup_printf("%s#%d", hilum_record_text(file, HILUM_FIELD_SOP_UID), r->frame_number);
  r->syntax = file->syntax;
  memcpy(r->syntax_uid, file->syntax_uid, sizeof r->syntax_uid);
  r->has_pixels = file->has_pixels;
  r->float_pixels = file->float_pixels;
  r->encapsulated = file->encapsulated;
  r->has_modality_lut = file->has_modality_lut;
  r->pixel_element = file->pixel_element;
  r->pixel_offset = span.offset;
  r->pixel_length = span.length;
  r->oversized_fields = file->oversized_fields;
  r->header_implicit = file->header_implicit;
  r->header_big_endian = file->header_big_endian;
  r->file_size = file->file_size;
  r->mtime_ns = file->mtime_ns;
  if (file->image_header) r->image_header = g_bytes_ref(file->image_header);
  hilum_record_parse(r);
  return good ? g_steal_pointer(&r) : NULL;
}

/* Plain frames follow each other; the product is checked before it is believed. */
static HilumFrameSpan *native_spans(const HilumRecord *file, size_t n)
{
  const HilumPixelFormat *f = &file->format;
  uint64_t frame = (uint64_t)file->rows * (uint64_t)file->columns * (uint64_t)(f->bits_allocated / 8);
  uint64_t all = frame * n; /* below 2^16 * 2^16 * 2 * 2^16 */
  if (file->pixel_length != all && file->pixel_length != all + all % 2) return NULL;
  HilumFrameSpan *spans = g_new(HilumFrameSpan, n);
  for (size_t i = 0; i < n; i++)
    spans[i] = (HilumFrameSpan){file->pixel_offset + i * frame, frame};
  return spans;
}

static HilumFrameSpan *find_spans(HilumRecord *file, int fd, size_t n)
{
  if (!file->encapsulated) {
    HilumFrameSpan *spans = native_spans(file, n);
    if (!spans) file->frames_problem = "the length of its pixels is another";
    return spans;
  }
  g_autofree HilumReader *reader = g_new(HilumReader, 1);
  hilum_reader_open(reader, fd, file->file_size);
  return hilum_fragments_find_frames(reader, file->pixel_offset, file->pixel_length, n,
                                     &file->frames_problem);
}

void hilum_frames_split(HilumRecord *file, const HilumLayout *l, int fd)
{
  const HilumGroups *g = &l->groups;
  const HilumPixelFormat *f = &file->format;
  if (!has_understood_groups(file) || !file->has_pixels || file->float_pixels || file->samples != 1 ||
      file->rows <= 0 || file->columns <= 0 || (f->bits_allocated != 8 && f->bits_allocated != 16))
    return; /* declined for that */
  file->frames_problem = !g->frames               ? "nothing is said of each frame"
                         : g->damaged             ? "its functional groups are damaged"
                         : file->frames < 1       ? "the number of its frames makes no sense"
                         : file->pixels_truncated ? "the file ends within its pixels"
                         : g->frames->len != (guint)file->frames
                             ? "its functional groups describe another number of frames"
                             : NULL;
  if (file->frames_problem) return;
  guint n = g->frames->len;
  g_autofree HilumFrameSpan *spans = find_spans(file, fd, n);
  if (!spans) return;
  /* What is said of all frames becomes the file's, and so every frame's. */
  char *shared[HILUM_FIELD_COUNT] = {NULL};
  bool good = !g->shared || read_group(l, file, g->shared, shared);
  for (int i = 0; i < HILUM_FIELD_COUNT; i++)
    replace_text(&file->text[i], shared[i]);
  file->parts = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_record_free);
  for (guint i = 0; i < n && good; i++) {
    HilumRecord *frame = make_frame(file, l, i, spans[i]);
    good = frame != NULL;
    if (good) g_ptr_array_add(file->parts, frame);
  }
  if (!good) {
    g_clear_pointer(&file->parts, g_ptr_array_unref);
    file->frames_problem = "its functional groups cannot be read";
  }
}
