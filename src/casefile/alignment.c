/* Where a phase lies on the reference, and its images brought there. Whether two volumes meet at all is asked
 * by separating axes: Gottschalk, Lin and Manocha, "OBBTree", SIGGRAPH 1996. */
#include "hilum/casefile/alignment.h"

#include "hilum/casefile/error.h"
#include "hilum/filter/morphology.h"
#include "hilum/register/resample.h"

#include <math.h>
#include <string.h>

/* How far two grids may lie apart and still be one: well below a voxel, well above rounding in files. */
#define GRID_TOLERANCE_MM 0.01
#define MOVED_TOLERANCE_MM 1e-3
#define FARTHEST_MM 10000.0
#define AIR_HU (-1024.0)

const char *hilum_alignment_method_name(HilumAlignmentMethod method)
{
  static const char *const names[HILUM_ALIGNMENT_METHODS] = {"scanner", "registered", "manual"};
  return names[(unsigned)method < HILUM_ALIGNMENT_METHODS ? method : HILUM_ALIGNMENT_SCANNER];
}

const char *hilum_alignment_metric_name(HilumRegisterMetric metric)
{
  return metric == HILUM_REGISTER_CORRELATION ? "ncc" : "mi";
}

const char *hilum_alignment_verdict_name(HilumRegisterVerdict verdict)
{
  static const char *const names[] = {"reliable", "no-match", "out-of-range", "few-landmarks"};
  return names[(unsigned)verdict < G_N_ELEMENTS(names) ? verdict : HILUM_REGISTER_NO_MATCH];
}

HilumAlignment hilum_alignment_scanner(void)
{
  return (HilumAlignment){.transform = hilum_rigid_identity(),
                          .method = HILUM_ALIGNMENT_SCANNER,
                          .similarity = (double)NAN,
                          .residual_mm = (double)NAN,
                          .residual_worst_mm = (double)NAN};
}

HilumAlignment hilum_alignment_from_result(const HilumRegisterResult *result, HilumRegisterMetric metric)
{
  return (HilumAlignment){.transform = result->transform,
                          .method = HILUM_ALIGNMENT_REGISTERED,
                          .metric = metric,
                          .verdict = result->verdict,
                          .similarity = result->metric,
                          .residual_mm = result->residual_mm,
                          .residual_worst_mm = result->residual_worst_mm};
}

HilumAlignment hilum_alignment_nudged(const HilumAlignment *alignment, HilumRigidParameters move,
                                      HilumVec3 centre_mm)
{
  /* The picture is the phase at transform(p). Moving the picture by m is to ask at transform(m^-1(p)). */
  HilumAlignment moved = hilum_alignment_scanner();
  moved.method = HILUM_ALIGNMENT_MANUAL;
  const HilumRigid back = hilum_rigid_invert(hilum_rigid_from_parameters(move, centre_mm));
  moved.transform = hilum_rigid_compose(alignment->transform, back);
  return moved;
}

static bool within(HilumVec3 v)
{
  return fabs(v.x) <= FARTHEST_MM && fabs(v.y) <= FARTHEST_MM && fabs(v.z) <= FARTHEST_MM;
}

bool hilum_alignment_is_valid(const HilumAlignment *alignment)
{
  return hilum_rigid_is_valid(alignment->transform) && within(alignment->transform.centre_mm) &&
         within(alignment->transform.translation_mm);
}

double hilum_alignment_moved_mm(const HilumAlignment *alignment, HilumVec3 reference_mm)
{
  return hilum_vec3_distance(hilum_rigid_apply(alignment->transform, reference_mm), reference_mm);
}

bool hilum_alignment_is_identity(const HilumAlignment *alignment, const HilumGrid *reference)
{
  for (int corner = 0; corner < 8; corner++) {
    const HilumIndexPos p = {corner & 1 ? reference->dims[0] - 0.5 : -0.5,
                             corner & 2 ? reference->dims[1] - 0.5 : -0.5,
                             corner & 4 ? reference->dims[2] - 0.5 : -0.5};
    if (!(hilum_alignment_moved_mm(alignment, hilum_grid_to_mm(reference, p)) <= MOVED_TOLERANCE_MM))
      return false;
  }
  return true;
}

bool hilum_alignment_same_grid(const HilumGrid *a, const HilumGrid *b)
{
  return hilum_grid_equal(a, b, GRID_TOLERANCE_MM);
}

/* --- do they meet --- */

typedef struct {
  HilumVec3 center, half[3]; /* along the three axes, in mm */
} OrientedBox;

static OrientedBox box_of(const HilumGrid *grid)
{
  OrientedBox box = {
      .center = hilum_grid_to_mm(grid, (HilumIndexPos){(grid->dims[0] - 1) / 2.0, (grid->dims[1] - 1) / 2.0,
                                                       (grid->dims[2] - 1) / 2.0})};
  for (int a = 0; a < 3; a++)
    box.half[a] = hilum_vec3_scale(grid->axes[a], grid->dims[a] * grid->spacing_mm[a] / 2);
  return box;
}

static double reach(const OrientedBox *box, HilumVec3 along)
{
  double sum = 0;
  for (int a = 0; a < 3; a++)
    sum += fabs(hilum_vec3_dot(box->half[a], along));
  return sum;
}

static bool separates(const OrientedBox *a, const OrientedBox *b, HilumVec3 along)
{
  if (hilum_vec3_dot(along, along) < 1e-12) return false; /* the product of parallel edges */
  const double gap = fabs(hilum_vec3_dot(hilum_vec3_sub(b->center, a->center), along));
  return gap >= reach(a, along) + reach(b, along);
}

static bool boxes_meet(const OrientedBox *a, const OrientedBox *b)
{
  for (int i = 0; i < 3; i++) {
    if (separates(a, b, a->half[i]) || separates(a, b, b->half[i])) return false;
    for (int j = 0; j < 3; j++)
      if (separates(a, b,
                    hilum_vec3_cross(hilum_vec3_normalize(a->half[i]), hilum_vec3_normalize(b->half[j]))))
        return false;
  }
  return true;
}

static bool check_overlap(const char *name, const HilumGrid *own, const HilumGrid *reference,
                          HilumRigid transform, GError **error)
{
  OrientedBox theirs = box_of(own), ours = box_of(reference);
  const double apart = hilum_vec3_distance(theirs.center, hilum_rigid_apply(transform, ours.center));
  ours.center = hilum_rigid_apply(transform, ours.center);
  for (int a = 0; a < 3; a++)
    ours.half[a] = hilum_rigid_rotate(transform, ours.half[a]);
  if (boxes_meet(&ours, &theirs)) return true;
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID,
              "“%s” does not overlap the first phase of the case: their middles lie %.0f mm apart, so that "
              "nothing of one would be seen in the other.",
              name, apart);
  return false;
}

/* --- the images on the reference's grid --- */

static double beyond(const HilumVolume *volume)
{
  double lo, hi;
  hilum_volume_get_range(volume, &lo, &hi);
  return strcmp(hilum_volume_get_unit(volume), "HU") == 0 ? fmax(lo, AIR_HU) : lo;
}

HilumVolume *hilum_alignment_resample(const char *name, HilumVolume *moving, const HilumGrid *reference,
                                      const HilumAlignment *alignment, const HilumProgress *progress,
                                      GError **error)
{
  const HilumGrid *own = hilum_volume_get_grid(moving);
  if (hilum_progress_fail(progress, error)) return NULL;
  if (!hilum_alignment_is_valid(alignment)) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID,
                "The alignment of “%s” makes no sense: it would move the images by more than 10 m.", name);
    return NULL;
  }
  (void)hilum_volume_get_histogram(moving); /* counted here, so that the main thread need not wait for it */
  if (hilum_alignment_same_grid(reference, own) && hilum_alignment_is_identity(alignment, reference))
    return hilum_volume_ref(moving);
  if (!check_overlap(name, own, reference, alignment->transform, error)) return NULL;
  HilumVolume *volume = hilum_volume_resample_rigid(moving, reference, &alignment->transform, beyond(moving),
                                                    HILUM_RESAMPLE_LINEAR, progress, error);
  if (!volume && error && *error && !g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error(error, "“%s” could not be brought onto the grid of the first phase: ", name);
  if (volume) (void)hilum_volume_get_histogram(volume);
  return volume;
}

HilumMask *hilum_alignment_region(HilumLabelSnapshot *labels, uint8_t label, double margin_mm,
                                  const HilumProgress *progress, GError **error)
{
  if (hilum_label_snapshot_count(labels, label) == 0) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
                        "The structure to register inside of is empty; segment it first, or use a box.");
    return NULL;
  }
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(labels, label, error);
  if (!mask) return NULL;
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  if (!hilum_mask_dilate(mask, grid->spacing_mm, margin_mm, progress, error)) return NULL;
  return g_steal_pointer(&mask);
}
