/* One recipe for the surfaces of structures. */
#include "hilum/mesh/surface.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/verdict.h"
#include "joint_grey.h"
#include "joint_private.h"

/* Grey values smooth by themselves: what the filter has to remove is a fraction of a voxel. */
static const double GREY_PASS_BAND = 0.4;

typedef struct {
  HilumLabelSnapshot *labels;
  const HilumSurfaceRange *ranges; /* NULL: labels only */
  int smoothing;
} Recipe;

HilumSurfaceRange *hilum_surface_ranges_copy(const HilumSurfaceRange ranges[HILUM_LABEL_COUNT])
{
  if (!ranges) return NULL;
  HilumSurfaceRange *copy = g_memdup2(ranges, HILUM_LABEL_COUNT * sizeof *ranges);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    if (copy[l].image) hilum_volume_ref(copy[l].image);
  return copy;
}

void hilum_surface_ranges_free(HilumSurfaceRange *ranges)
{
  if (!ranges) return;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    if (ranges[l].image) hilum_volume_unref(ranges[l].image);
  g_free(ranges);
}

/* The bare surfaces of the wanted structures and what touches them. */
static HilumJoint *extract(const Recipe *r, const uint8_t *wanted, const HilumProgress *progress,
                           GError **error)
{
  g_autoptr(HilumJoint) all = hilum_joint_new(r->labels, NULL, progress, error);
  if (!all || !wanted) return g_steal_pointer(&all);
  uint8_t touching[HILUM_LABEL_COUNT];
  hilum_joint_find_touching(all, wanted, touching);
  return hilum_joint_restrict(all, touching, error);
}

static HilumSmoothOptions options_of(const Recipe *r)
{
  return (HilumSmoothOptions){.iterations = r->smoothing,
                              .leash_grid = hilum_label_snapshot_get_grid(r->labels),
                              .keep_facing = true,
                              .keep_apart = true,
                              .keep_volume = true};
}

/* The bare surface cuts the corners of voxels and so encloses less than the label holds, 2 % less where a
 * structure is ten voxels thick. The label's volume is the one that is reported, so the smooth surface
 * encloses that. */
static HilumJoint *smooth(const Recipe *r, HilumJoint *joint, const HilumProgress *progress, GError **error)
{
  const HilumSmoothOptions options = options_of(r);
  double mm3[HILUM_LABEL_COUNT] = {0};
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    mm3[l] =
        (double)hilum_label_snapshot_count(r->labels, (uint8_t)l) * hilum_grid_voxel_mm3(options.leash_grid);
  return hilum_joint_smooth(joint, &options, mm3, progress, error);
}

/* Some structure of the joint follows grey values. */
static bool uses_values(const Recipe *r, const HilumJoint *joint)
{
  for (int l = 1; r->ranges && l < HILUM_LABEL_COUNT; l++)
    if (hilum_joint_has(joint, (uint8_t)l) && hilum_surface_range_in_use(&r->ranges[l])) return true;
  return false;
}

static HilumJoint *finish_by_values(const Recipe *r, HilumJoint *bare, float *weight,
                                    const HilumProgress *progress, GError **error)
{
  const HilumSmoothOptions options = options_of(r),
                           light = {.iterations = MAX(r->smoothing / 2, 1), .pass_band = GREY_PASS_BAND};
  double mm3[HILUM_LABEL_COUNT];
  HilumGreyTrust trust[HILUM_LABEL_COUNT];
  if (r->smoothing <= 0) return hilum_joint_place_grey(bare, r->labels, r->ranges, NULL, weight, error);
  HilumProgress part = hilum_progress_part(progress, 0, 0.3, NULL);
  if (!hilum_joint_share_volumes(bare, r->labels, r->ranges, mm3, trust, &part, error)) return NULL;
  g_autoptr(HilumJoint) placed = hilum_joint_place_grey(bare, r->labels, r->ranges, trust, weight, error);
  part = hilum_progress_part(progress, 0.3, 0.4, NULL);
  g_autoptr(HilumJoint) apart = placed ? hilum_joint_uncross(placed, bare, weight, &part, error) : NULL;
  if (!apart) return NULL;
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  return hilum_joint_smooth_mixed(apart, &options, &light, weight, mm3, &part, error);
}

static HilumJoint *make(const Recipe *r, const uint8_t *wanted, const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, r->smoothing > 0 ? 0.4 : 1, NULL);
  g_autoptr(HilumJoint) bare = extract(r, wanted, &part, error);
  if (!bare) return NULL;
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  if (!uses_values(r, bare)) return r->smoothing > 0 ? smooth(r, bare, &part, error) : g_steal_pointer(&bare);
  const size_t n = hilum_mesh_get_vertex_count(hilum_joint_get_mesh(bare));
  float *weight = hilum_big_alloc(n * sizeof *weight, error);
  HilumJoint *joint = weight ? finish_by_values(r, bare, weight, &part, error) : NULL;
  hilum_big_free(weight);
  return joint;
}

HilumJoint *hilum_surface_joint_new(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                    int smoothing, const HilumProgress *progress, GError **error)
{
  return hilum_surface_joint_new_grey(labels, wanted, NULL, smoothing, progress, error);
}

HilumJoint *hilum_surface_joint_new_grey(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                         const HilumSurfaceRange ranges[HILUM_LABEL_COUNT], int smoothing,
                                         const HilumProgress *progress, GError **error)
{
  bool used;
  if (!hilum_grey_check(ranges, hilum_label_snapshot_get_grid(labels), &used, error)) return NULL;
  const Recipe r = {labels, used ? ranges : NULL, smoothing};
  return make(&r, wanted, progress, error);
}

HilumMesh *hilum_surface_new(HilumLabelSnapshot *labels, uint8_t label, int smoothing,
                             const HilumProgress *progress, GError **error)
{
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  if (label == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "Voxels without a structure have no surface");
    return NULL;
  }
  wanted[label] = 1;
  g_autoptr(HilumJoint) joint = hilum_surface_joint_new(labels, wanted, smoothing, progress, error);
  return joint ? hilum_joint_split(joint, label, error) : NULL;
}

HilumMesh *hilum_surface_union_new(HilumLabelSnapshot *labels, const uint8_t set[HILUM_LABEL_COUNT],
                                   int smoothing, const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  HilumProgress part = hilum_progress_part(progress, 0, smoothing > 0 ? 0.4 : 1, NULL);
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask_of_set(labels, set, error);
  g_autoptr(HilumMesh) bare = mask ? hilum_mesh_extract_mask(mask, grid, NULL, &part, error) : NULL;
  if (!bare || smoothing <= 0) return g_steal_pointer(&bare);
  const HilumSmoothOptions options = {.iterations = smoothing,
                                      .leash_grid = grid,
                                      .keep_facing = true,
                                      .keep_volume = true,
                                      .volume_mm3 =
                                          (double)hilum_mask_count(mask) * hilum_grid_voxel_mm3(grid)};
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  return hilum_mesh_smooth(bare, &options, &part, error);
}

static bool measure_deviation(HilumLabelSnapshot *labels, uint8_t label, HilumMesh *mesh, float *mm,
                              const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, 0.4, NULL);
  g_autoptr(HilumMesh) bare = hilum_surface_new(labels, label, 0, &part, error);
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  return bare && hilum_mesh_signed_distance_of_vertices(mesh, bare, mm, &part, error);
}

float *hilum_surface_values_new(HilumLabelSnapshot *labels, uint8_t label, HilumMesh *mesh, bool thickness,
                                const HilumProgress *progress, GError **error)
{
  HilumThickness least;
  float *mm = hilum_big_alloc((size_t)hilum_mesh_get_vertex_count(mesh) * sizeof *mm, error);
  if (!mm) return NULL;
  if (thickness ? hilum_mesh_thickness(mesh, &least, NULL, mm, NULL, progress, error)
                : measure_deviation(labels, label, mesh, mm, progress, error))
    return mm;
  hilum_big_free(mm);
  return NULL;
}
