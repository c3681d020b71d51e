/* Enhanced multi-frame files: frames to volumes, every way in which frames and pixels can disagree. */
#include "enhanced.h"
#include "findings.h"

#include "pictures.h"

#include <math.h>

typedef struct {
  TestFolder *dir;
  HilumCatalog *catalog;
} Scan;

static Scan scan_bytes(const GByteArray *file)
{
  Scan s = {.dir = folder_new()};
  file_put(s.dir, "one", file->data, file->len);
  g_autoptr(GError) error = NULL;
  s.catalog = scan_one(s.dir, &error);
  g_assert_no_error(error);
  return s;
}

static Scan scan_spec(const FileSpec *spec)
{
  g_autoptr(GByteArray) file = enhanced_file(spec);
  return scan_bytes(file);
}

static void scan_clear(Scan *s)
{
  hilum_catalog_free(s->catalog);
  folder_remove(s->dir);
}

static const HilumSeriesInfo *volume_info(const Scan *s, size_t index)
{
  g_assert_cmpuint(hilum_catalog_get_count(s->catalog), >, index);
  return hilum_catalog_get_series(s->catalog, index);
}

/* Slice k of the volume must be frame order[k], each value at slope and intercept of that frame. */
static void expect_frames(const Scan *s, size_t index, const FrameSpec *frames, const size_t *order, size_t n)
{
  const HilumSeriesInfo *info = volume_info(s, index);
  for (size_t i = 0; i < info->n_findings; i++)
    if (info->findings[i].verdict == HILUM_VERDICT_REFUSED) g_test_message("%s", info->findings[i].message);
  g_assert_cmpint(info->verdict, !=, HILUM_VERDICT_REFUSED);
  g_assert_cmpint(info->grid.dims[2], ==, n);
  g_assert_cmpfloat(info->grid.spacing_mm[0], ==, 0.75);
  g_assert_cmpfloat(info->grid.spacing_mm[1], ==, 0.5);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumVolume) volume = hilum_catalog_load(s->catalog, index, NULL, &error);
  g_assert_no_error(error);
  const int16_t *voxels = hilum_volume_get_voxels(volume);
  for (size_t k = 0; k < n; k++)
    for (size_t i = 0; i < FRAME_VOXELS; i++) {
      const FrameSpec *f = &frames[order[k]];
      double slope = f->slope != 0 ? f->slope : f->rwv_slope != 0 ? f->rwv_slope : 1;
      double intercept = f->slope != 0 ? f->intercept : f->rwv_slope != 0 ? 5 : 0;
      double real =
          hilum_volume_get_slope(volume) * voxels[k * FRAME_VOXELS + i] + hilum_volume_get_intercept(volume);
      g_assert_cmpfloat(fabs(real - (slope * frame_voxel(order[k], i) + intercept)), <, 1e-6);
    }
}

static const Coding CODINGS[] = {{false, false}, {false, true}, {true, false}, {true, true}};

/* Positions alone sort the frames; each has its own rescale. */
static void test_shuffled(void)
{
  static const FrameSpec FRAMES[] = {{.z_mm = 6, .slope = 1, .intercept = -1024},
                                     {.z_mm = 2, .slope = 2, .intercept = -1024},
                                     {.z_mm = 8, .slope = 1, .intercept = -1000},
                                     {.z_mm = 4, .slope = 1, .intercept = -1024}};
  static const size_t ORDER[] = {1, 3, 0, 2};
  for (size_t c = 0; c < G_N_ELEMENTS(CODINGS); c++) {
    FileSpec spec = {.sop_class = "1.2.840.10008.5.1.4.1.1.2.1",
                     .modality = "CT",
                     .coding = CODINGS[c],
                     .frames = FRAMES,
                     .n = 4};
    Scan s = scan_spec(&spec);
    g_assert_cmpuint(hilum_catalog_get_count(s.catalog), ==, 1);
    expect_frames(&s, 0, FRAMES, ORDER, 4);
    const HilumSeriesInfo *info = volume_info(&s, 0);
    g_assert_cmpfloat(info->grid.spacing_mm[2], ==, 2);
    g_assert_cmpfloat(info->grid.origin_mm.z, ==, 2.5);
    g_autoptr(HilumVolume) volume = hilum_catalog_load(s.catalog, 0, NULL, NULL);
    g_assert_cmpstr(hilum_volume_get_unit(volume), ==, "HU");
    scan_clear(&s);
  }
}

/* Two stacks, two times: four volumes. */
static void test_stacks_and_times(void)
{
  FrameSpec frames[12];
  for (uint32_t i = 0; i < 12; i++)
    frames[i] = (FrameSpec){
        .z_mm = 3.0 * (i % 3) + (i / 6 ? 100 : 0), .stack = i / 6 ? "2" : "1", .time = 1 + i / 3 % 2};
  FileSpec spec = {.frames = frames, .n = 12, .coding = {false, true}};
  Scan s = scan_spec(&spec);
  g_assert_cmpuint(hilum_catalog_get_count(s.catalog), ==, 4);
  bool seen[4] = {false};
  for (size_t v = 0; v < 4; v++) {
    const HilumSeriesInfo *info = volume_info(&s, v);
    g_autoptr(HilumVolume) volume = hilum_catalog_load(s.catalog, v, NULL, NULL);
    g_assert_nonnull(volume);
    g_assert_cmpstr(hilum_volume_get_unit(volume), ==, "");
    int16_t first = hilum_volume_get_voxels(volume)[0];
    size_t which = 0;
    while (which < 4 && frame_voxel(3 * which, 0) != first)
      which++;
    g_assert_cmpuint(which, <, 4);
    g_assert_false(seen[which]);
    seen[which] = true;
    g_assert_cmpfloat(info->grid.origin_mm.z, ==, which / 2 ? 100.5 : 0.5);
    g_autofree char *id = g_strdup_printf("1.2.3.4.5#%zu", 3 * which + 1);
    g_assert_cmpstr(info->sop_uids[0], ==, id);
    const size_t order[] = {3 * which, 3 * which + 1, 3 * which + 2};
    expect_frames(&s, v, frames, order, 3);
  }
  scan_clear(&s);
}

/* Echo time, frame type, and a dimension that only the index tells. */
static void test_other_dimensions(void)
{
  for (int way = 0; way < 3; way++) {
    FrameSpec frames[6];
    for (uint32_t i = 0; i < 6; i++)
      frames[i] = (FrameSpec){.z_mm = i / 2,
                              .echo_ms = way == 0 ? 2.3 + 2.3 * (i % 2) : 0,
                              .type = way != 1 ? NULL
                                      : i % 2  ? "ORIGINAL\\PRIMARY\\PHASE"
                                               : "ORIGINAL\\PRIMARY\\M",
                              .extra = way == 2 ? 1 + i % 2 : 0};
    FileSpec spec = {.frames = frames, .n = 6};
    Scan s = scan_spec(&spec);
    g_assert_cmpuint(hilum_catalog_get_count(s.catalog), ==, 2);
    static const size_t EVEN[] = {0, 2, 4}, ODD[] = {1, 3, 5};
    expect_frames(&s, 0, frames, EVEN, 3);
    expect_frames(&s, 1, frames, ODD, 3);
    scan_clear(&s);
  }
}

static void test_real_world_values(void)
{
  static const FrameSpec FRAMES[] = {{.z_mm = 0, .rwv_slope = 2}, {.z_mm = 1, .rwv_slope = 2}};
  static const size_t ORDER[] = {0, 1};
  FileSpec spec = {.frames = FRAMES, .n = 2};
  Scan s = scan_spec(&spec);
  expect_frames(&s, 0, FRAMES, ORDER, 2);
  scan_clear(&s);
}

/* --- compressed --- */

enum { ONE_EACH, SPLIT_WITH_TABLE, SPLIT_WITHOUT_TABLE, SPLIT_WRONG_TABLE, ONE_SHORT };

static GByteArray *compressed_file(const FileSpec *s, int way)
{
  GByteArray *out = enhanced_header(s), *items = g_byte_array_new();
  uint32_t offsets[FRAMES_MOST];
  for (size_t f = 0; f + (way == ONE_SHORT) < s->n; f++) {
    int32_t samples[FRAME_VOXELS];
    for (size_t i = 0; i < FRAME_VOXELS; i++)
      samples[i] = frame_voxel(f, i);
    g_autoptr(GByteArray) picture =
        picture_encode((Picture){.columns = FRAME_SIDE, .rows = FRAME_SIDE, .precision = 12}, samples);
    if (picture->len % 2) g_byte_array_append(picture, (const uint8_t[]){0}, 1);
    offsets[f] = items->len;
    guint at = 0, parts = way == ONE_EACH || way == ONE_SHORT ? 1 : 1 + (f + 1) % 3;
    for (guint p = 0; p < parts; p++) {
      guint n = p + 1 == parts ? picture->len - at : 40;
      put32(items, 0xE000FFFE);
      put32(items, n);
      g_byte_array_append(items, picture->data + at, n);
      at += n;
    }
  }
  put_header(out, s->coding, HILUM_TAG_PIXELS, "OB", 0xFFFFFFFF);
  bool table = way == SPLIT_WITH_TABLE || way == SPLIT_WRONG_TABLE;
  put32(out, 0xE000FFFE);
  put32(out, table ? (uint32_t)(4 * s->n) : 0);
  for (size_t f = 0; table && f < s->n; f++)
    put32(out, offsets[f] + (way == SPLIT_WRONG_TABLE && f == 1 ? 2 : 0));
  g_byte_array_append(out, items->data, items->len);
  g_byte_array_unref(items);
  put32(out, 0xE0DDFFFE);
  put32(out, 0);
  return out;
}

static void test_fragments(void)
{
  static const FrameSpec FRAMES[] = {{.z_mm = 0}, {.z_mm = 1}, {.z_mm = 2}, {.z_mm = 3}};
  static const size_t ORDER[] = {0, 1, 2, 3};
  FileSpec spec = {.frames = FRAMES, .n = 4, .syntax = "1.2.840.10008.1.2.4.90"};
  for (int way = ONE_EACH; way <= ONE_SHORT; way++) {
    g_autoptr(GByteArray) file = compressed_file(&spec, way);
    Scan s = scan_bytes(file);
    if (way <= SPLIT_WITHOUT_TABLE) {
      expect_frames(&s, 0, FRAMES, ORDER, 4);
      g_autofree char *path = g_build_filename(s.dir, "one", NULL);
      g_autoptr(GArray) findings = hilum_dicom_check(path, NULL);
      g_assert_cmpint(hilum_findings_verdict(findings), ==, HILUM_VERDICT_OK);
    } else {
      const HilumSeriesInfo *info = volume_info(&s, 0);
      const HilumFinding *why = find_code(info->findings, info->n_findings, "multi-frame");
      g_assert_nonnull(why);
      g_assert_nonnull(
          strstr(why->message, way == ONE_SHORT ? "fewer compressed pictures" : "cannot be told"));
    }
    scan_clear(&s);
  }
}

static void test_deflated(void)
{
  static const FrameSpec FRAMES[] = {{.z_mm = 0}, {.z_mm = 1}, {.z_mm = 2}};
  static const size_t ORDER[] = {0, 1, 2};
  FileSpec spec = {.frames = FRAMES, .n = 3, .syntax = "1.2.840.10008.1.2.1.99"};
  g_autoptr(GByteArray) file = enhanced_file(&spec);
  guint meta = 128 + 4 + 8 + (guint)strlen(spec.syntax);
  meta += meta % 2;
  uint8_t packed[8192];
  gsize used, made;
  g_autoptr(GConverter) deflate = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW, 6));
  g_assert_cmpint(g_converter_convert(deflate, file->data + meta, file->len - meta, packed, sizeof packed,
                                      G_CONVERTER_INPUT_AT_END, &used, &made, NULL),
                  ==, G_CONVERTER_FINISHED);
  g_byte_array_set_size(file, meta);
  g_byte_array_append(file, packed, (guint)made);
  Scan s = scan_bytes(file);
  expect_frames(&s, 0, FRAMES, ORDER, 3);
  scan_clear(&s);
}

/* --- what cannot be believed --- */

static void expect_refusal(const FileSpec *spec, const char *words)
{
  Scan s = scan_spec(spec);
  const HilumSeriesInfo *info = volume_info(&s, 0);
  g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_REFUSED);
  const HilumFinding *why = find_code(info->findings, info->n_findings, "multi-frame");
  g_assert_nonnull(why);
  if (!strstr(why->message, words)) g_test_message("%s", why->message);
  g_assert_nonnull(strstr(why->message, words));
  scan_clear(&s);
}

static void test_disagreements(void)
{
  static const FrameSpec FRAMES[] = {{.z_mm = 0}, {.z_mm = 1}, {.z_mm = 2}};
  FileSpec spec = {.frames = FRAMES, .n = 3};
  static const char *const COUNTS[] = {"4", "2", "1", "2147483647", "65536"};
  for (size_t i = 0; i < G_N_ELEMENTS(COUNTS); i++) {
    spec.n_said = COUNTS[i];
    expect_refusal(&spec, "describe another number of frames");
  }
  spec.n_said = "0";
  expect_refusal(&spec, "makes no sense");
  spec.n_said = "-3";
  expect_refusal(&spec, "makes no sense");
  spec.n_said = NULL;
  spec.groups_left = 1;
  expect_refusal(&spec, "describe another number of frames");
  spec.n_said = "2"; /* groups agree, the pixels do not */
  expect_refusal(&spec, "the length of its pixels is another");
  spec = (FileSpec){.frames = FRAMES, .n = 3, .no_groups = true};
  expect_refusal(&spec, "nothing is said of each frame");
  spec = (FileSpec){.frames = FRAMES, .n = 3, .sop_class = "1.2.840.10008.5.1.4.1.1.20", .modality = "NM"};
  expect_refusal(&spec, "without saying where each lies");
}

/* Cut anywhere, or with single bytes changed: a verdict or a sentence, never a crash. */
static void test_damage(void)
{
  FrameSpec frames[4];
  for (uint32_t i = 0; i < 4; i++)
    frames[i] = (FrameSpec){
        .z_mm = i, .slope = 1, .intercept = -5, .stack = "1", .time = 1, .extra = 1, .echo_ms = 3};
  for (size_t c = 0; c < G_N_ELEMENTS(CODINGS); c++) {
    FileSpec spec = {.frames = frames, .n = 4, .coding = CODINGS[c]};
    g_autoptr(GByteArray) file = enhanced_file(&spec);
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)c);
    g_autoptr(TestFolder) dir = folder_new();
    g_autofree char *path = g_build_filename(dir, "one", NULL);
    for (guint round = 0; round < 600; round++) {
      g_autofree uint8_t *broken = g_memdup2(file->data, file->len);
      guint n = round % 2 ? (guint)g_rand_int_range(rand, 132, (gint32)file->len) : file->len;
      for (guint k = 0; k < 3 && round % 2 == 0; k++)
        broken[g_rand_int_range(rand, 132, (gint32)file->len)] = (uint8_t)g_rand_int_range(rand, 0, 256);
      file_put(dir, "one", broken, n);
      g_autoptr(GError) error = NULL;
      g_autoptr(HilumCatalog) catalog = scan_one(path, &error);
      g_assert_true((catalog != NULL) == (error == NULL));
      for (size_t v = 0; catalog && v < hilum_catalog_get_count(catalog); v++) {
        g_autoptr(GError) failed = NULL;
        g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, v, NULL, &failed);
        g_assert_true((volume != NULL) == (failed == NULL));
      }
      GArray *findings = hilum_dicom_check(path, NULL);
      if (findings) g_array_unref(findings);
    }
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/frames/shuffled", test_shuffled);
  g_test_add_func("/dicom/frames/stacks-and-times", test_stacks_and_times);
  g_test_add_func("/dicom/frames/other-dimensions", test_other_dimensions);
  g_test_add_func("/dicom/frames/real-world-values", test_real_world_values);
  g_test_add_func("/dicom/frames/fragments", test_fragments);
  g_test_add_func("/dicom/frames/deflated", test_deflated);
  g_test_add_func("/dicom/frames/disagreements", test_disagreements);
  g_test_add_func("/dicom/frames/damage", test_damage);
  return g_test_run();
}
