/* Whether the values of a CT volume are HU, asked of the voxels: the air around the patient must read as air.
 * The limits are proposals for engineering (no clinical standard): outside air has its median at -1050 to
 * -900 HU. Wrong slopes, forgotten intercepts and values counted from zero all move it out of there. */
#include "series.h"

#include <string.h>

#define AIR_LOW_HU (-1050.0)
#define AIR_HIGH_HU (-900.0)
#define LIKE_AIR_LOW_HU (-1200.0) /* below: scanners' filling outside their field of view */
#define LIKE_AIR_HIGH_HU (-500.0) /* above: no air, whatever the calibration */
#define PADDING_HU (-1024.0)
#define LEAST_SHARE 0.005 /* of the voxels looked at: less says nothing */

enum { BORDER_SHARE = 16, EVERY_NTH_SLICE = 4, N_BINS = 65536 };

typedef struct {
  const HilumVolume *volume;
  int32_t low, high; /* stored values that look like air */
  int32_t padding;   /* stored value that is no measurement, or one that none has */
  uint64_t *bins;
  uint64_t seen, air;
} AirCount;

static void count_row(AirCount *a, const int16_t *row, int32_t begin, int32_t end)
{
  for (int32_t i = begin; i < end; i++) {
    int32_t v = row[i];
    if (v == a->padding) continue;
    a->seen++;
    if (v < a->low || v > a->high) continue;
    a->air++;
    a->bins[v + 32768]++;
  }
}

/* The frame of the slices, where the air around a patient is and that in the lungs and bowel hardly. */
static void count_frames(AirCount *a)
{
  const HilumGrid *g = hilum_volume_get_grid(a->volume);
  const int32_t nx = g->dims[0], ny = g->dims[1], bx = nx / BORDER_SHARE + 1, by = ny / BORDER_SHARE + 1;
  for (int32_t k = 0; k < g->dims[2]; k += EVERY_NTH_SLICE)
    for (int32_t j = 0; j < ny; j++) {
      const int16_t *row = hilum_volume_get_voxels(a->volume) + hilum_grid_offset(g, (HilumVoxel){0, j, k});
      if (j < by || j >= ny - by)
        count_row(a, row, 0, nx);
      else {
        count_row(a, row, 0, MIN(bx, nx));
        count_row(a, row, MAX(nx - bx, MIN(bx, nx)), nx);
      }
    }
}

/* Where the field of view is all patient, the air inside must do. */
static void count_all(AirCount *a)
{
  const uint64_t *histogram = hilum_volume_get_histogram(a->volume);
  a->seen = a->air = 0;
  memset(a->bins, 0, N_BINS * sizeof *a->bins);
  for (int32_t v = -32768; v <= 32767; v++) {
    uint64_t n = v == a->padding ? 0 : histogram[v + 32768];
    a->seen += n;
    if (v < a->low || v > a->high) continue;
    a->air += n;
    a->bins[v + 32768] = n;
  }
}

static bool is_enough(const AirCount *a)
{
  return a->air > 0 && (double)a->air >= LEAST_SHARE * (double)a->seen;
}

static double median_hu(const AirCount *a)
{
  uint64_t sum = 0;
  int32_t v = a->low;
  for (; v < a->high; v++) {
    sum += a->bins[v + 32768];
    if (2 * sum >= a->air) break;
  }
  return hilum_stored_to_real(hilum_volume_get_slope(a->volume), hilum_volume_get_intercept(a->volume),
                              (int16_t)v);
}

void hilum_dicom_check_values(const HilumSeriesInfo *info, const HilumVolume *volume, GArray *findings)
{
  if (g_strcmp0(info->modality, "CT") != 0) return;
  const HilumVerdict warning = HILUM_VERDICT_WARNING;
  if (strcmp(hilum_volume_get_unit(volume), "HU") != 0) {
    hilum_findings_add(findings, warning, "hu-not-verified",
                       "The files do not say that their values are HU.");
    return;
  }
  g_autofree uint64_t *bins = g_new0(uint64_t, N_BINS);
  AirCount a = {.volume = volume, .bins = bins, .padding = N_BINS};
  int16_t low, high;
  bool possible = hilum_volume_stored_range(volume, LIKE_AIR_LOW_HU, LIKE_AIR_HIGH_HU, &low, &high);
  if (possible) {
    a.low = low;
    a.high = high;
    int16_t padding;
    if (info->has_padding &&
        hilum_volume_stored_range(volume, PADDING_HU - 0.5, PADDING_HU + 0.5, &padding, &padding))
      a.padding = padding;
    count_frames(&a);
    if (!is_enough(&a)) count_all(&a);
    possible = is_enough(&a);
  }
  if (!possible) {
    hilum_findings_add(
        findings, warning, "hu-not-verified",
        "No air was found around the patient, so that the values could not be verified as HU.");
    return;
  }
  double air = median_hu(&a);
  if (air < AIR_LOW_HU || air > AIR_HIGH_HU)
    hilum_findings_add(findings, warning, "hu-not-verified",
                       "The air around the patient reads %.0f HU instead of %.0f to %.0f: the values are not "
                       "verified as HU.",
                       air, AIR_LOW_HU, AIR_HIGH_HU);
}
