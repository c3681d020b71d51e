/* One recipe for the surfaces of structures. */
#include "hilum/mesh/surface.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/verdict.h"
#include "joint_grey.h"

/* Grey values smooth by themselves: what the filter has to remove is a fraction of a voxel. */
static const double GREY_PASS_BAND = 0.4;

typedef struct {
  HilumLabelSnapshot *labels;
  const HilumVolume *image; /* NULL: labels only */
  const HilumSurfaceRange *ranges;
  int smoothing;
} Recipe;

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

/* The bare surface cuts the corners of voxels and so encloses less than the label holds, 2 % less where a
 * structure is ten voxels thick. The label's volume is the one that is reported, so the smooth surface
 * encloses that. */
static HilumJoint *smooth(const Recipe *r, HilumJoint *joint, const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(r->labels);
  HilumSmoothOptions options = {.iterations = r->image ? MAX(r->smoothing / 2, 1) : r->smoothing,
                                .pass_band = r->image ? GREY_PASS_BAND : 0,
                                .leash_grid = grid,
                                .keep_facing = true,
                                .keep_apart = true,
                                .keep_volume = true};
  double mm3[HILUM_LABEL_COUNT] = {0};
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (r->image && hilum_joint_has(joint, (uint8_t)l)) {
      if (!hilum_label_share_volume(r->labels, (uint8_t)l, r->image, &r->ranges[l], &mm3[l], error))
        return NULL;
    } else {
      mm3[l] = (double)hilum_label_snapshot_count(r->labels, (uint8_t)l) * hilum_grid_voxel_mm3(grid);
    }
  return hilum_joint_smooth(joint, &options, mm3, progress, error);
}

static HilumJoint *make(const Recipe *r, const uint8_t *wanted, const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, r->smoothing > 0 ? 0.4 : 1, NULL);
  g_autoptr(HilumJoint) joint = extract(r, wanted, &part, error);
  if (joint && r->image) {
    HilumJoint *placed = hilum_joint_place_grey(joint, r->labels, r->image, r->ranges, error);
    hilum_joint_unref(joint);
    joint = placed;
  }
  if (!joint || r->smoothing <= 0) return g_steal_pointer(&joint);
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  return smooth(r, joint, &part, error);
}

HilumJoint *hilum_surface_joint_new(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                    int smoothing, const HilumProgress *progress, GError **error)
{
  Recipe r = {.labels = labels, .smoothing = smoothing};
  return make(&r, wanted, progress, error);
}

HilumJoint *hilum_surface_joint_new_grey(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                                         const HilumVolume *image,
                                         const HilumSurfaceRange ranges[HILUM_LABEL_COUNT], int smoothing,
                                         const HilumProgress *progress, GError **error)
{
  if (!hilum_grid_equal(hilum_label_snapshot_get_grid(labels), hilum_volume_get_grid(image), 1e-3)) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "The image and the structures lie on different grids");
    return NULL;
  }
  Recipe r = {labels, image, ranges, smoothing};
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
