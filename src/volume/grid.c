/* Grid geometry: validation of what comes from files, and the few questions about a grid that do not fit on
 * one line. */
#include "hilum/volume/grid.h"

#include "hilum/base/size.h"
#include "hilum/volume/error.h"

static const double MAX_SPACING_MM = 100;
static const double AXIS_TOLERANCE = 1e-4;

HilumGrid hilum_grid_new(int32_t nx, int32_t ny, int32_t nz, double sx, double sy, double sz)
{
  return (HilumGrid){
      .dims = {nx, ny, nz},
      .axes = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
      .spacing_mm = {sx, sy, sz},
  };
}

static bool invalid(GError **error, const char *sentence)
{
  g_set_error_literal(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID, sentence);
  return false;
}

static bool validate_dims(const HilumGrid *grid, GError **error)
{
  for (int a = 0; a < 3; a++)
    if (grid->dims[a] < 1 || grid->dims[a] > 32767) {
      g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID,
                  "The volume has %d voxels along its axis %d; 1 to 32767 are possible", grid->dims[a],
                  a + 1);
      return false;
    }
  size_t count;
  if (!hilum_size_mul3(grid->dims[0], grid->dims[1], grid->dims[2], &count) ||
      !hilum_size_mul(count, sizeof(int16_t), &count))
    return invalid(error, "The volume has more voxels than this computer can address");
  return true;
}

static bool validate_spacing(const HilumGrid *grid, GError **error)
{
  for (int a = 0; a < 3; a++) {
    double s = grid->spacing_mm[a];
    if (!(isfinite(s) && s > 0 && s <= MAX_SPACING_MM)) {
      g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID,
                  "The voxel spacing along axis %d is %g mm; it must be greater than 0 and at most %g mm",
                  a + 1, s, MAX_SPACING_MM);
      return false;
    }
  }
  return true;
}

static bool validate_axes(const HilumGrid *grid, GError **error)
{
  for (int a = 0; a < 3; a++) {
    if (!hilum_vec3_is_finite(grid->axes[a]) ||
        !(fabs(hilum_vec3_length(grid->axes[a]) - 1) <= AXIS_TOLERANCE)) {
      g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID,
                  "The direction of axis %d of the volume is not a unit vector", a + 1);
      return false;
    }
  }
  for (int a = 0; a < 3; a++) {
    int b = (a + 1) % 3;
    if (!(fabs(hilum_vec3_dot(grid->axes[a], grid->axes[b])) <= AXIS_TOLERANCE)) {
      g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID,
                  "Axes %d and %d of the volume are not at right angles", MIN(a, b) + 1, MAX(a, b) + 1);
      return false;
    }
  }
  return true;
}

bool hilum_grid_validate(const HilumGrid *grid, GError **error)
{
  if (!validate_dims(grid, error) || !validate_spacing(grid, error) || !validate_axes(grid, error))
    return false;
  if (!hilum_vec3_is_finite(grid->origin_mm))
    return invalid(error, "The position of the volume in the patient is not a number");
  return true;
}

/* Two grids are equal if they have the same dims and all eight corner voxels coincide: an error of spacing or
 * direction counts for as much as it moves a voxel. */
bool hilum_grid_equal(const HilumGrid *a, const HilumGrid *b, double tolerance_mm)
{
  for (int d = 0; d < 3; d++)
    if (a->dims[d] != b->dims[d]) return false;
  for (int corner = 0; corner < 8; corner++) {
    HilumVoxel v = {corner & 1 ? a->dims[0] - 1 : 0, corner & 2 ? a->dims[1] - 1 : 0,
                    corner & 4 ? a->dims[2] - 1 : 0};
    if (!(hilum_vec3_distance(hilum_grid_voxel_to_mm(a, v), hilum_grid_voxel_to_mm(b, v)) <= tolerance_mm))
      return false;
  }
  /* A single slice has no far corner along its normal: compare the voxel's size and direction too. */
  for (int d = 0; d < 3; d++) {
    HilumVec3 step_a = hilum_vec3_scale(a->axes[d], a->spacing_mm[d]);
    HilumVec3 step_b = hilum_vec3_scale(b->axes[d], b->spacing_mm[d]);
    if (!(hilum_vec3_distance(step_a, step_b) <= tolerance_mm)) return false;
  }
  return true;
}

/* Rounds to the nearest voxel; a position exactly between two belongs to the upper one, as cells are
 * half-open. */
static int32_t to_index(double position)
{
  double cell = floor(position + 0.5);
  if (!(cell > INT32_MIN)) return INT32_MIN; /* NaN too: outside every grid */
  return cell >= INT32_MAX ? INT32_MAX : (int32_t)cell;
}

HilumVoxel hilum_grid_voxel_at_mm(const HilumGrid *grid, HilumVec3 point_mm)
{
  HilumIndexPos p = hilum_grid_from_mm(grid, point_mm);
  return (HilumVoxel){to_index(p.i), to_index(p.j), to_index(p.k)};
}

int hilum_grid_handedness(const HilumGrid *grid)
{
  HilumVec3 normal = hilum_vec3_cross(grid->axes[0], grid->axes[1]);
  return hilum_vec3_dot(normal, grid->axes[2]) < 0 ? -1 : 1;
}

HilumBox hilum_grid_bounds_mm(const HilumGrid *grid)
{
  HilumBox box = hilum_box_empty();
  for (int corner = 0; corner < 8; corner++) {
    HilumIndexPos p = {corner & 1 ? grid->dims[0] - 0.5 : -0.5, corner & 2 ? grid->dims[1] - 0.5 : -0.5,
                       corner & 4 ? grid->dims[2] - 0.5 : -0.5};
    box = hilum_box_include(box, hilum_grid_to_mm(grid, p));
  }
  return box;
}

/* Of the six permutations, the one with the greatest sum of cosines; among equals the first. */
void hilum_grid_anatomical_axes(const HilumGrid *grid, int axis_of[3])
{
  static const int permutations[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  double best = -1;
  for (int p = 0; p < 6; p++) {
    const int *candidate = permutations[p];
    double sum = fabs(grid->axes[candidate[0]].x) + fabs(grid->axes[candidate[1]].y) +
                 fabs(grid->axes[candidate[2]].z);
    if (!(sum > best + 1e-9)) continue;
    best = sum;
    for (int d = 0; d < 3; d++)
      axis_of[d] = candidate[d];
  }
}

void hilum_orientation_letters(HilumVec3 direction, double threshold, char out[4])
{
  const double component[3] = {direction.x, direction.y, direction.z};
  static const char positive[3] = {'L', 'P', 'S'}, negative[3] = {'R', 'A', 'I'};
  bool used[3] = {false, false, false};
  int length = 0;
  for (int round = 0; round < 3; round++) {
    int heaviest = -1;
    for (int d = 0; d < 3; d++)
      if (!used[d] && fabs(component[d]) > 0 && fabs(component[d]) >= threshold &&
          (heaviest < 0 || fabs(component[d]) > fabs(component[heaviest])))
        heaviest = d;
    if (heaviest < 0) break;
    used[heaviest] = true;
    out[length++] = component[heaviest] > 0 ? positive[heaviest] : negative[heaviest];
  }
  out[length] = '\0';
}
