/* Enhanced multi-frame files made by tests, byte by byte: explicit or implicit little endian, sequences with
 * or without lengths. */
#pragma once

#include "dicom_files.h"
#include "fields.h"

typedef struct {
  bool implicit, open; /* `open`: sequences and items of undefined length */
} Coding;

static inline void put16(GByteArray *out, uint32_t value)
{
  const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
  g_byte_array_append(out, bytes, 2);
}
static inline void put32(GByteArray *out, uint32_t value)
{
  put16(out, value & 0xFFFF);
  put16(out, value >> 16);
}

static inline void put_header(GByteArray *out, Coding c, uint32_t tag, const char *vr, uint32_t length)
{
  put16(out, tag >> 16);
  put16(out, tag & 0xFFFF);
  bool wide = strstr("OB OW SQ UN", vr) != NULL;
  if (!c.implicit) g_byte_array_append(out, (const uint8_t *)vr, 2);
  if (!c.implicit && wide) put16(out, 0);
  if (!c.implicit && !wide)
    put16(out, length);
  else
    put32(out, length);
}

static inline void put_bytes(GByteArray *out, Coding c, uint32_t tag, const char *vr, const void *data,
                             size_t n)
{
  put_header(out, c, tag, vr, (uint32_t)(n + n % 2));
  g_byte_array_append(out, data, (guint)n);
  if (n % 2) g_byte_array_append(out, (const uint8_t *)(strcmp(vr, "UI") == 0 ? "" : " "), 1);
}

static inline void put_text(GByteArray *out, Coding c, uint32_t tag, const char *vr, const char *text)
{
  put_bytes(out, c, tag, vr, text, strlen(text));
}
static inline void put_us(GByteArray *out, Coding c, uint32_t tag, uint16_t value)
{
  put_header(out, c, tag, "US", 2);
  put16(out, value);
}
static inline void put_ul(GByteArray *out, Coding c, uint32_t tag, const uint32_t *values, size_t n)
{
  put_header(out, c, tag, "UL", (uint32_t)(4 * n));
  for (size_t i = 0; i < n; i++)
    put32(out, values[i]);
}
static inline void put_fd(GByteArray *out, Coding c, uint32_t tag, double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  put_header(out, c, tag, "FD", 8);
  put32(out, (uint32_t)bits);
  put32(out, (uint32_t)(bits >> 32));
}

static inline void put_item(GByteArray *out, Coding c, const GByteArray *content)
{
  put32(out, 0xE000FFFE);
  put32(out, c.open ? 0xFFFFFFFF : content->len);
  g_byte_array_append(out, content->data, content->len);
  if (!c.open) return;
  put32(out, 0xE00DFFFE);
  put32(out, 0);
}

/* A sequence of items that are there already. Frees them. */
static inline void put_sequence(GByteArray *out, Coding c, uint32_t tag, GByteArray *items)
{
  put_header(out, c, tag, "SQ", c.open ? 0xFFFFFFFF : items->len);
  g_byte_array_append(out, items->data, items->len);
  g_byte_array_unref(items);
  if (!c.open) return;
  put32(out, 0xE0DDFFFE);
  put32(out, 0);
}
/* A sequence of one item. Frees its content. */
static inline void put_macro(GByteArray *out, Coding c, uint32_t tag, GByteArray *content)
{
  GByteArray *items = g_byte_array_new();
  put_item(items, c, content);
  g_byte_array_unref(content);
  put_sequence(out, c, tag, items);
}

enum { FRAME_SIDE = 4, FRAME_VOXELS = FRAME_SIDE * FRAME_SIDE, FRAMES_MOST = 32 };

/* What the test says of one frame. */
typedef struct {
  double z_mm, slope, intercept; /* slope 0: no transformation */
  const char *stack, *type;
  uint32_t time, extra; /* temporal position and a dimension of its own, 0: none */
  double echo_ms, rwv_slope;
} FrameSpec;

typedef struct {
  const char *sop_class, *modality, *syntax;
  Coding coding;
  const FrameSpec *frames;
  size_t n;
  const char *n_said; /* NumberOfFrames; NULL: the truth */
  size_t groups_left; /* functional groups are left out from the end */
  bool no_groups;
} FileSpec;

/* The voxel at `i` of frame `f`: 12 bits. */
static inline int16_t frame_voxel(size_t f, size_t i)
{
  return (int16_t)((f * 97 + i * 13 + f * i) % 4096);
}

static inline GByteArray *frame_group(const FileSpec *s, const FrameSpec *f)
{
  Coding c = s->coding;
  GByteArray *group = g_byte_array_new(), *m = g_byte_array_new();
  if (f->stack) put_text(m, c, HILUM_TAG(0x0020, 0x9056), "SH", f->stack);
  if (f->time) put_ul(m, c, HILUM_TAG(0x0020, 0x9128), &f->time, 1);
  const uint32_t index[2] = {1, f->extra};
  if (f->extra) put_ul(m, c, HILUM_TAG(0x0020, 0x9157), index, 2);
  put_macro(group, c, HILUM_TAG(0x0020, 0x9111), m);
  m = g_byte_array_new();
  g_autofree char *position = g_strdup_printf("-10\\20\\%d.5", (int)f->z_mm);
  put_text(m, c, HILUM_TAG(0x0020, 0x0032), "DS", position);
  put_macro(group, c, HILUM_TAG(0x0020, 0x9113), m);
  if (f->echo_ms > 0) {
    m = g_byte_array_new();
    put_fd(m, c, HILUM_TAG(0x0018, 0x9082), f->echo_ms);
    put_macro(group, c, HILUM_TAG(0x0018, 0x9114), m);
  }
  if (f->type) {
    m = g_byte_array_new();
    put_text(m, c, HILUM_TAG(0x0008, 0x9007), "CS", f->type);
    put_macro(group, c, HILUM_TAG(0x0018, 0x9226), m);
  }
  if (f->slope != 0) {
    m = g_byte_array_new();
    g_autofree char *intercept = g_strdup_printf("%d", (int)f->intercept);
    g_autofree char *slope = g_strdup_printf("%d", (int)f->slope);
    put_text(m, c, HILUM_TAG(0x0028, 0x1052), "DS", intercept);
    put_text(m, c, HILUM_TAG(0x0028, 0x1053), "DS", slope);
    put_text(m, c, HILUM_TAG(0x0028, 0x1054), "LO", "HU");
    put_macro(group, c, HILUM_TAG(0x0028, 0x9145), m);
  }
  if (f->rwv_slope != 0) {
    m = g_byte_array_new();
    put_fd(m, c, HILUM_TAG(0x0040, 0x9224), 5);
    put_fd(m, c, HILUM_TAG(0x0040, 0x9225), f->rwv_slope);
    put_macro(group, c, HILUM_TAG(0x0040, 0x9096), m);
  }
  /* What a decoy of a position looks like: a source image's, which is not this frame's. */
  m = g_byte_array_new();
  put_text(m, c, HILUM_TAG(0x0020, 0x0032), "DS", "1\\2\\3");
  put_macro(group, c, HILUM_TAG(0x0008, 0x9124), m);
  return group;
}

/* The file up to the pixels. */
static inline GByteArray *enhanced_header(const FileSpec *s)
{
  Coding c = s->coding, meta = {false, false};
  GByteArray *out = g_byte_array_new();
  g_byte_array_set_size(out, 128);
  memset(out->data, 0, 128);
  g_byte_array_append(out, (const uint8_t *)"DICM", 4);
  put_text(out, meta, HILUM_TAG(0x0002, 0x0010), "UI",
           s->syntax    ? s->syntax
           : c.implicit ? "1.2.840.10008.1.2"
                        : "1.2.840.10008.1.2.1");
  put_text(out, c, HILUM_TAG(0x0008, 0x0016), "UI",
           s->sop_class ? s->sop_class : "1.2.840.10008.5.1.4.1.1.4.1");
  put_text(out, c, HILUM_TAG(0x0008, 0x0018), "UI", "1.2.3.4.5");
  put_text(out, c, HILUM_TAG(0x0008, 0x0060), "CS", s->modality ? s->modality : "MR");
  put_text(out, c, HILUM_TAG(0x0020, 0x000D), "UI", "1.2.3");
  put_text(out, c, HILUM_TAG(0x0020, 0x000E), "UI", "1.2.3.4");
  GByteArray *dimensions = g_byte_array_new();
  static const uint32_t POINTERS[2] = {HILUM_TAG(0x0020, 0x9057), HILUM_TAG(0x0018, 0x9089)};
  for (int d = 0; d < 2; d++) {
    g_autoptr(GByteArray) item = g_byte_array_new();
    put_header(item, c, HILUM_TAG(0x0020, 0x9165), "AT", 4);
    put16(item, POINTERS[d] >> 16);
    put16(item, POINTERS[d] & 0xFFFF);
    put_item(dimensions, c, item);
  }
  put_sequence(out, c, HILUM_TAG(0x0020, 0x9222), dimensions);
  g_autofree char *n = g_strdup_printf("%zu", s->n);
  put_us(out, c, HILUM_TAG(0x0028, 0x0002), 1);
  put_text(out, c, HILUM_TAG(0x0028, 0x0004), "CS", "MONOCHROME2");
  put_text(out, c, HILUM_TAG(0x0028, 0x0008), "IS", s->n_said ? s->n_said : n);
  put_us(out, c, HILUM_TAG(0x0028, 0x0010), FRAME_SIDE);
  put_us(out, c, HILUM_TAG(0x0028, 0x0011), FRAME_SIDE);
  put_us(out, c, HILUM_TAG(0x0028, 0x0100), 16);
  put_us(out, c, HILUM_TAG(0x0028, 0x0101), 12);
  put_us(out, c, HILUM_TAG(0x0028, 0x0102), 11);
  put_us(out, c, HILUM_TAG(0x0028, 0x0103), 0);
  if (s->no_groups) return out;
  GByteArray *shared = g_byte_array_new(), *m = g_byte_array_new();
  put_text(m, c, HILUM_TAG(0x0020, 0x0037), "DS", "1\\0\\0\\0\\1\\0");
  put_macro(shared, c, HILUM_TAG(0x0020, 0x9116), m);
  m = g_byte_array_new();
  put_text(m, c, HILUM_TAG(0x0028, 0x0030), "DS", "0.5\\0.75");
  put_macro(shared, c, HILUM_TAG(0x0028, 0x9110), m);
  put_macro(out, c, HILUM_TAG(0x5200, 0x9229), shared);
  GByteArray *items = g_byte_array_new();
  for (size_t f = 0; f + s->groups_left < s->n; f++) {
    g_autoptr(GByteArray) group = frame_group(s, &s->frames[f]);
    put_item(items, c, group);
  }
  put_sequence(out, c, HILUM_TAG(0x5200, 0x9230), items);
  return out;
}

static inline GByteArray *enhanced_file(const FileSpec *s)
{
  GByteArray *out = enhanced_header(s);
  put_header(out, s->coding, HILUM_TAG_PIXELS, "OW", (uint32_t)(s->n * FRAME_VOXELS * 2));
  for (size_t f = 0; f < s->n; f++)
    for (size_t i = 0; i < FRAME_VOXELS; i++)
      put16(out, (uint16_t)frame_voxel(f, i));
  return out;
}
