/* Pieces by tile: whatever was edited before, taken together they are the whole surface, bit for bit. */
#include "joint_fixture.h"

#include "hilum/mesh/error.h"
#include "hilum/mesh/live.h"
#include "hilum/mesh/surface.h"
#include "joint_grey.h"
#include "joint_private.h"
#include "live_private.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
  return memcmp(a, b, sizeof(JointTriangle));
}

static JointTriangle *sorted(const HilumMesh *mesh)
{
  size_t n = hilum_mesh_get_triangle_count(mesh);
  JointTriangle *t = g_new(JointTriangle, n);
  for (size_t i = 0; i < n; i++)
    t[i] = joint_fixture_triangle(mesh, i, false);
  qsort(t, n, sizeof *t, compare);
  return t;
}

/* What places the vertices of all that follows; NULL: the labels. */
static const HilumSurfaceRange *values;

/* The whole at once, by the same filter. */
static HilumJoint *whole(HilumLabelSnapshot *labels)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  HilumVoxelBox all = {{-1, -1, -1}, {grid->dims[0], grid->dims[1], grid->dims[2]}};
  g_autoptr(HilumJoint) bare = hilum_joint_new_part(labels, NULL, all, all, 0, NULL, &error);
  g_assert_no_error(error);
  HilumJoint *smooth = hilum_live_finish(bare, labels, values, &error);
  g_assert_no_error(error);
  return smooth;
}

static void assert_is_whole(const HilumLive *live, HilumLabelSnapshot *labels)
{
  g_autoptr(HilumJoint) joint = whole(labels);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    g_autoptr(GError) error = NULL;
    if (!hilum_joint_has(joint, (uint8_t)l)) {
      g_assert_null(hilum_live_join(live, (uint8_t)l, &error));
      g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
      continue;
    }
    g_autoptr(HilumMesh) want = hilum_joint_split(joint, (uint8_t)l, &error);
    g_autoptr(HilumMesh) have = hilum_live_join(live, (uint8_t)l, &error);
    g_assert_no_error(error);
    size_t n = hilum_mesh_get_triangle_count(want);
    g_assert_cmpuint(hilum_mesh_get_triangle_count(have), ==, n);
    HilumVec3 a = hilum_mesh_get_origin_mm(want), b = hilum_mesh_get_origin_mm(have);
    g_assert_true(memcmp(&a, &b, sizeof a) == 0);
    g_autofree JointTriangle *p = sorted(want), *q = sorted(have);
    g_assert_true(memcmp(p, q, n * sizeof *p) == 0);
  }
}

/* The same vertex has the same normal in every piece: that of the whole. */
static void assert_same_normals(const HilumLive *live, HilumLabelSnapshot *labels, uint8_t label)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumJoint) joint = whole(labels);
  g_autoptr(HilumMesh) want = hilum_joint_split(joint, label, &error);
  g_autoptr(HilumMesh) have = hilum_live_join(live, label, &error);
  g_autoptr(GHashTable) at = g_hash_table_new(g_bytes_hash, g_bytes_equal);
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
  for (size_t v = 0; v < hilum_mesh_get_vertex_count(want); v++) {
    GBytes *key = g_bytes_new(hilum_mesh_get_positions(want) + 3 * v, 12);
    g_ptr_array_add(keys, key);
    g_hash_table_insert(at, key, GSIZE_TO_POINTER(v + 1));
  }
  for (size_t v = 0; v < hilum_mesh_get_vertex_count(have); v++) {
    g_autoptr(GBytes) key = g_bytes_new(hilum_mesh_get_positions(have) + 3 * v, 12);
    size_t w = GPOINTER_TO_SIZE(g_hash_table_lookup(at, key));
    g_assert_cmpuint(w, >, 0);
    g_assert_true(
        memcmp(hilum_mesh_get_normals(want) + 3 * (w - 1), hilum_mesh_get_normals(have) + 3 * v, 12) == 0);
  }
}

static HilumLabelSnapshot *snapshot_of(const HilumGrid *grid, const uint8_t *voxels)
{
  g_autoptr(GError) error = NULL;
  HilumLabelSnapshot *s = hilum_label_snapshot_new_from_dense(grid, voxels, &error);
  g_assert_no_error(error);
  return s;
}

/* Brushes of three labels and none, through a label map, as in the program: unchanged bricks stay the same.
 */
static void test_strokes(void)
{
  HilumGrid grid = hilum_grid_new(90, 70, 66, 0.7, 0.8, 1.1);
  fixture_tilt(&grid, true);
  g_autoptr(GError) error = NULL;
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_blobs(&grid, voxels, 3, 3);
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, &error);
  g_autoptr(HilumLabelSnapshot) none = hilum_label_map_snapshot(map);
  g_autoptr(HilumLabelSnapshot) blobs = snapshot_of(&grid, voxels);
  g_autoptr(HilumLabelDelta) fill = hilum_label_delta_new_from_snapshots(none, blobs, &error);
  g_assert_true(hilum_label_map_apply(map, fill, true));
  g_autoptr(HilumLive) live = hilum_live_new(NULL);
  hilum_live_set_ranges(live, values);
  g_autoptr(HilumMask) mask = hilum_mask_new(grid.dims, &error);
  for (uint64_t stroke = 0; stroke < 14; stroke++) {
    g_autoptr(HilumLabelSnapshot) before = hilum_label_map_snapshot(map);
    g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(int32_t));
    g_assert_true(hilum_live_update(live, before, changed, NULL, &error));
    g_assert_no_error(error);
    int32_t dims[3];
    hilum_live_get_dims(live, dims);
    if (stroke > 0)
      g_assert_cmpuint(changed->len, <=, 64);
    else
      g_assert_cmpuint(changed->len, ==, (guint)(dims[0] * dims[1] * dims[2]));
    if (stroke % 3 == 0) assert_is_whole(live, before);
    if (stroke == 6) assert_same_normals(live, before, 1);
    hilum_mask_fill(mask, false);
    int32_t c[3], r = 1 + (int32_t)(hilum_random_u64(8, stroke) % 7);
    for (uint64_t a = 0; a < 3; a++)
      c[a] = (int32_t)(hilum_random_u64(stroke, a) % (uint64_t)grid.dims[a]);
    for (int32_t k = MAX(c[2] - r, 0); k <= MIN(c[2] + r, grid.dims[2] - 1); k++)
      for (int32_t j = MAX(c[1] - r, 0); j <= MIN(c[1] + r, grid.dims[1] - 1); j++)
        hilum_mask_set_span(mask, c[0] - r, c[0] + r + 1, j, k);
    HilumLabelWrite write = {.label = (uint8_t)(1 + stroke % 3),
                             .mode = stroke % 4 == 3 ? HILUM_LABEL_REMOVE : HILUM_LABEL_ADD};
    g_autoptr(HilumLabelDelta) delta =
        hilum_label_delta_new_from_mask(before, mask, NULL, &write, NULL, &error);
    g_assert_true(hilum_label_map_apply(map, delta, true));
  }
  g_autoptr(HilumLabelSnapshot) last = hilum_label_map_snapshot(map);
  g_assert_true(hilum_live_update(live, last, NULL, NULL, &error));
  assert_is_whole(live, last);
}

/* An image in which the blobs of test_strokes() are brighter, on their grid. */
static HilumVolume *blob_image(const HilumGrid *grid)
{
  g_autoptr(GError) error = NULL;
  const size_t n = hilum_grid_count(grid);
  g_autofree uint8_t *voxels = g_malloc(n);
  int16_t *grey = hilum_big_alloc(n * sizeof *grey, &error);
  joint_fixture_blobs(grid, voxels, 3, 3);
  for (size_t i = 0; i < n; i++)
    grey[i] = (int16_t)(200 * voxels[i] + 150 * hilum_random_uniform(4, i));
  return hilum_volume_new_take(grid, grey, 1, 0, "HU", &error);
}

/* The same where values place the vertices of two of three structures, in brushes too. */
static void test_values(void)
{
  HilumGrid grid = hilum_grid_new(90, 70, 66, 0.7, 0.8, 1.1);
  fixture_tilt(&grid, true);
  g_autoptr(HilumVolume) image = blob_image(&grid);
  const HilumSurfaceRange ranges[HILUM_LABEL_COUNT] = {[1] = {180, 370, image}, [3] = {570, 800, image}};
  values = ranges;
  test_strokes();
  values = NULL;
}

/* A range that is set, changed and cleared reaches every tile of its structure, and none of another. */
static void test_other_values(void)
{
  HilumGrid grid = hilum_grid_new(90, 70, 66, 0.7, 0.8, 1.1);
  g_autoptr(GError) error = NULL;
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_blobs(&grid, voxels, 3, 3);
  g_autoptr(HilumLabelSnapshot) labels = snapshot_of(&grid, voxels);
  g_autoptr(HilumVolume) image = blob_image(&grid);
  g_autoptr(HilumLive) live = hilum_live_new(NULL);
  HilumSurfaceRange ranges[HILUM_LABEL_COUNT] = {[2] = {390, 560, image}};
  for (int n = 0; n < 4; n++) { /* labels, a range, another, labels */
    g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(int32_t));
    if (n == 2) ranges[2].lo = 420;
    values = n == 1 || n == 2 ? ranges : NULL;
    hilum_live_set_ranges(live, values);
    g_assert_true(hilum_live_update(live, labels, changed, NULL, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(changed->len, >, 0);
    assert_is_whole(live, labels);
    g_array_set_size(changed, 0);
    g_assert_true(hilum_live_update(live, labels, changed, NULL, &error));
    g_assert_cmpuint(changed->len, ==, 0);
  }
  HilumGrid other = hilum_grid_new(5, 5, 5, 1, 1, 1);
  FixtureShape ball = {.center = fixture_middle(&other), .radius = 2};
  g_autoptr(HilumVolume) elsewhere = fixture_volume(&other, fixture_shape, &ball);
  ranges[2].image = elsewhere;
  hilum_live_set_ranges(live, ranges);
  g_assert_false(hilum_live_update(live, labels, NULL, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
  values = NULL;
}

/* Structures come and go: what is left is what a cache for them alone would hold. */
static void test_wanted(void)
{
  HilumGrid grid = hilum_grid_new(70, 50, 40, 0.7, 0.8, 1.1);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_blobs(&grid, voxels, 5, 3);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = snapshot_of(&grid, voxels);
  uint8_t wanted[HILUM_LABEL_COUNT] = {[1] = 1, [3] = 1};
  g_autoptr(HilumLive) live = hilum_live_new(NULL);
  g_assert_true(hilum_live_update(live, labels, NULL, NULL, &error));
  hilum_live_set_wanted(live, wanted);
  g_assert_true(hilum_live_update(live, labels, NULL, NULL, &error));
  g_assert_null(hilum_live_join(live, 2, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
  g_clear_error(&error);
  g_autoptr(HilumLive) alone = hilum_live_new(wanted);
  g_assert_true(hilum_live_update(alone, labels, NULL, NULL, &error));
  for (uint8_t l = 1; l <= 3; l += 2) {
    g_autoptr(HilumMesh) want = hilum_live_join(alone, l, &error), have = hilum_live_join(live, l, &error);
    size_t n = hilum_mesh_get_triangle_count(want);
    g_autofree JointTriangle *p = sorted(want), *q = sorted(have);
    g_assert_cmpuint(hilum_mesh_get_triangle_count(have), ==, n);
    g_assert_true(memcmp(p, q, n * sizeof *p) == 0);
  }
  hilum_live_set_wanted(live, NULL);
  g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(int32_t));
  g_assert_true(hilum_live_update(live, labels, changed, NULL, &error));
  g_assert_cmpuint(changed->len, >, 0);
  assert_is_whole(live, labels);
}

/* Noise, with tiles that end in the middle of a cell, everywhere at the border. */
static void test_noise(void)
{
  static const int32_t dims[][3] = {{33, 32, 31}, {64, 5, 65}, {1, 34, 40}, {2, 1, 1}};
  for (size_t d = 0; d < G_N_ELEMENTS(dims); d++) {
    HilumGrid grid = hilum_grid_new(dims[d][0], dims[d][1], dims[d][2], 0.7, 0.8, 1.1);
    g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
    joint_fixture_random(voxels, hilum_grid_count(&grid), d, 4);
    voxels[0] = 1;
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumLabelSnapshot) labels = snapshot_of(&grid, voxels);
    g_autoptr(HilumLive) live = hilum_live_new(NULL);
    g_assert_true(hilum_live_update(live, labels, NULL, NULL, &error));
    assert_is_whole(live, labels);
  }
}

static int compare_floats(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* How far, in voxels, a point of what is shown during the stroke lies beside the surface that follows. */
static float jump(const HilumGrid *grid, HilumVec3 p, HilumVec3 q, const float *normal)
{
  const HilumVec3 n = hilum_vec3((double)normal[0], (double)normal[1], (double)normal[2]);
  HilumVec3 along = {0, 0, 0};
  for (int a = 0; a < 3; a++)
    along = hilum_vec3_madd(along, grid->spacing_mm[a] * hilum_vec3_dot(n, grid->axes[a]), grid->axes[a]);
  return (float)(fabs(hilum_vec3_dot(hilum_vec3_sub(p, q), n)) / hilum_vec3_length(along));
}

/* When the surface takes the pieces' place, it hardly moves. */
static void test_jump(void)
{
  static const double spacing[][3] = {{0.8, 0.8, 0.8}, {0.7, 0.8, 1.1}, {0.7, 0.7, 5}};
  for (size_t i = 0; i < G_N_ELEMENTS(spacing); i++) {
    HilumGrid grid = hilum_grid_new(80, 70, 60, spacing[i][0], spacing[i][1], spacing[i][2]);
    g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
    joint_fixture_blobs(&grid, voxels, 9, 3);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumLabelSnapshot) labels = snapshot_of(&grid, voxels);
    g_autoptr(HilumJoint) pieces = whole(labels);
    g_autoptr(HilumJoint) after =
        hilum_surface_joint_new(labels, NULL, HILUM_SURFACE_SMOOTHING, NULL, &error);
    g_assert_no_error(error);
    HilumMesh *a = hilum_joint_get_mesh(pieces), *b = hilum_joint_get_mesh(after);
    const size_t n = hilum_mesh_get_vertex_count(a);
    g_assert_cmpuint(hilum_mesh_get_vertex_count(b), ==, n);
    g_autofree float *voxel = g_new(float, n);
    for (size_t v = 0; v < n; v++)
      voxel[v] =
          jump(&grid, hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(a), hilum_mesh_get_positions(a), v),
               hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(b), hilum_mesh_get_positions(b), v),
               hilum_mesh_get_normals(b) + 3 * v);
    qsort(voxel, n, sizeof *voxel, compare_floats);
    g_test_message("%g: half %.3f, 95 %% %.3f voxel", spacing[i][2], voxel[n / 2], voxel[n * 95 / 100]);
    g_assert_cmpfloat(voxel[n * 95 / 100], <, 0.12);
    g_assert_cmpfloat(voxel[n / 2], <, 0.04);
  }
}

static void test_cancelled(void)
{
  HilumGrid grid = hilum_grid_new(40, 40, 40, 1, 1, 1);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_blobs(&grid, voxels, 1, 2);
  g_autoptr(HilumLabelSnapshot) labels = snapshot_of(&grid, voxels);
  voxels[0] = 2;
  g_autoptr(HilumLabelSnapshot) other = snapshot_of(&grid, voxels);
  g_autoptr(HilumLive) live = hilum_live_new(NULL);
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_live_update(live, labels, NULL, NULL, &error));
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_assert_false(hilum_live_update(live, other, NULL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_is_whole(live, labels); /* as it was */
  g_clear_error(&error);
  g_assert_true(hilum_live_update(live, other, NULL, NULL, &error));
  assert_is_whole(live, other);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/live/strokes", test_strokes);
  g_test_add_func("/mesh/live/values", test_values);
  g_test_add_func("/mesh/live/other-values", test_other_values);
  g_test_add_func("/mesh/live/wanted", test_wanted);
  g_test_add_func("/mesh/live/noise", test_noise);
  g_test_add_func("/mesh/live/jump", test_jump);
  g_test_add_func("/mesh/live/cancelled", test_cancelled);
  return g_test_run();
}
