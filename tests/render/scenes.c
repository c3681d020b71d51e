/* Scenes for the offscreen tests. */
#include "scenes.h"

#include "hilum/base/memory.h"

#define RINGS 48
#define SEGMENTS 64

/* A closed grid of quads: rows x SEGMENTS, joined round both ways for the torus, with poles for the sphere.
 */
HilumMesh *scene_mesh(HilumVec3 center_mm, double radius_mm, double minor_mm)
{
  bool torus = minor_mm > 0;
  uint32_t rows = torus ? RINGS : RINGS - 1;
  uint32_t n_vertices = rows * SEGMENTS + (torus ? 0 : 2);
  uint32_t n_triangles = torus ? 2 * rows * SEGMENTS : 2 * (rows - 1) * SEGMENTS + 2 * SEGMENTS;
  float *positions = hilum_big_alloc((size_t)n_vertices * 12, NULL);
  uint32_t *indices = hilum_big_alloc((size_t)n_triangles * 12, NULL);
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t s = 0; s < SEGMENTS; s++) {
      double a = 2 * G_PI * s / SEGMENTS;
      double b = torus ? 2 * G_PI * r / RINGS : G_PI * (r + 1) / RINGS - G_PI_2;
      double ring = torus ? radius_mm + minor_mm * cos(b) : radius_mm * cos(b);
      float *p = positions + 3 * (size_t)(r * SEGMENTS + s);
      p[0] = (float)(ring * cos(a));
      p[1] = (float)(ring * sin(a));
      p[2] = (float)((torus ? minor_mm : radius_mm) * sin(b));
    }
  uint32_t *t = indices;
  uint32_t bands = torus ? rows : rows - 1;
  for (uint32_t r = 0; r < bands; r++)
    for (uint32_t s = 0; s < SEGMENTS; s++) {
      uint32_t r1 = (r + 1) % rows, s1 = (s + 1) % SEGMENTS;
      uint32_t a = r * SEGMENTS + s, b = r * SEGMENTS + s1, c = r1 * SEGMENTS + s1, d = r1 * SEGMENTS + s;
      const uint32_t quad[6] = {a, b, c, a, c, d};
      for (int i = 0; i < 6; i++)
        *t++ = quad[i];
    }
  if (!torus) {
    uint32_t south = rows * SEGMENTS, north = south + 1;
    for (int i = 0; i < 3; i++) {
      positions[3 * (size_t)south + (size_t)i] = i == 2 ? (float)-radius_mm : 0;
      positions[3 * (size_t)north + (size_t)i] = i == 2 ? (float)radius_mm : 0;
    }
    for (uint32_t s = 0; s < SEGMENTS; s++) {
      uint32_t s1 = (s + 1) % SEGMENTS, top = (rows - 1) * SEGMENTS;
      const uint32_t caps[6] = {south, s1, s, north, top + s, top + s1};
      for (int i = 0; i < 6; i++)
        *t++ = caps[i];
    }
  }
  return hilum_mesh_new_take(center_mm, n_vertices, positions, NULL, n_triangles, indices, NULL);
}

static HilumGrid scene_grid(double tilt_deg)
{
  HilumGrid grid = hilum_grid_new(64, 56, 40, 1.5, 1.5, 2.5);
  double c = cos(tilt_deg * G_PI / 180), s = sin(tilt_deg * G_PI / 180);
  HilumMat4 turn =
      hilum_mat4_mul(hilum_mat4_from_rows(hilum_vec3(c, -s, 0), hilum_vec3(s, c, 0), hilum_vec3(0, 0, 1)),
                     hilum_mat4_from_rows(hilum_vec3(1, 0, 0), hilum_vec3(0, c, -s), hilum_vec3(0, s, c)));
  for (int a = 0; a < 3; a++)
    grid.axes[a] = hilum_mat4_transform_dir(turn, grid.axes[a]);
  HilumVec3 middle = hilum_grid_to_mm(&grid, (HilumIndexPos){31.5, 27.5, 19.5});
  grid.origin_mm = hilum_vec3_sub(grid.origin_mm, middle); /* the volume's middle at 0 */
  return grid;
}

static int16_t grey(HilumVec3 p)
{
  double body = (p.x / 44) * (p.x / 44) + (p.y / 38) * (p.y / 38);
  if (body > 1) return -1000;
  if (hilum_vec3_distance(p, hilum_vec3(22, -14, 15)) < 11) return 220; /* left, anterior, superior */
  return (int16_t)lround(40 + p.x);                                     /* brighter to the left */
}

static uint8_t label(HilumVec3 p)
{
  if (hilum_vec3_distance(p, hilum_vec3(-14, 4, 0)) < 9) return 2;
  return hilum_vec3_distance(p, hilum_vec3(-8, 0, 0)) < 18 ? 1 : 0;
}

static const HilumStructureLook LOOKS[] = {
    {.used = true, .visible = true, .rgb = {185, 102, 83}, .opacity = 0.45, .name = "Parenchyma"},
    {.used = true, .visible = true, .outline = true, .rgb = {60, 170, 60}, .opacity = 1, .name = "Tumour"},
    {.used = true, .visible = true, .rgb = {220, 30, 30}, .opacity = 1, .name = "Arteries"},
    {.used = true, .visible = true, .rgb = {120, 200, 220}, .opacity = 0.5, .name = "Cyst"},
};

static void set_looks(HilumWorkspace *workspace)
{
  for (uint8_t l = 0; l < G_N_ELEMENTS(LOOKS); l++)
    hilum_workspace_set_look(workspace, (uint8_t)(l + 1), &LOOKS[l]);
  hilum_workspace_set_active(workspace, 1);
}

Scene scene_slices(double tilt_deg)
{
  HilumGrid grid = scene_grid(tilt_deg);
  size_t n = hilum_grid_count(&grid), at = 0;
  int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
  g_autofree uint8_t *dense = g_malloc(n);
  for (int32_t k = 0; k < grid.dims[2]; k++)
    for (int32_t j = 0; j < grid.dims[1]; j++)
      for (int32_t i = 0; i < grid.dims[0]; i++, at++) {
        HilumVec3 p = hilum_grid_voxel_to_mm(&grid, (HilumVoxel){i, j, k});
        voxels[at] = grey(p);
        dense[at] = label(p);
      }
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", &error);
  g_assert_no_error(error);
  Scene scene = {hilum_workspace_new(), hilum_label_map_new(&grid, &error)};
  g_autoptr(HilumLabelSnapshot) empty = hilum_label_map_snapshot(scene.labels);
  g_autoptr(HilumLabelSnapshot) full = hilum_label_snapshot_new_from_dense(&grid, dense, &error);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(empty, full, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_label_map_apply(scene.labels, delta, true));
  const char *name = "Test";
  hilum_workspace_set_phases(scene.workspace, &volume, &name, 1);
  hilum_workspace_set_labels(scene.workspace, scene.labels);
  set_looks(scene.workspace);
  hilum_workspace_set_cursor_mm(scene.workspace, hilum_vec3(-14, 4, 1));
  return scene;
}

Scene scene_surfaces(void)
{
  Scene scene = {hilum_workspace_new(), NULL};
  set_looks(scene.workspace);
  const struct {
    uint8_t label;
    HilumVec3 center;
    double radius, minor;
  } parts[] = {
      {1, {0, 0, 0}, 40, 0}, {2, {48, 0, 30}, 14, 0}, {3, {0, 0, 0}, 22, 6}, {4, {-14, -8, -12}, 12, 0}};
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
    g_autoptr(HilumMesh) mesh = scene_mesh(parts[i].center, parts[i].radius, parts[i].minor);
    hilum_workspace_set_mesh(scene.workspace, parts[i].label, mesh, NULL, 0);
  }
  return scene;
}

void scene_clear(Scene *scene)
{
  g_clear_object(&scene->workspace);
  g_clear_pointer(&scene->labels, hilum_label_map_free);
}
