/* A small case for the tests: an odd, oblique grid with a patterned volume that comes from no file, and ways
 * to paint into it. */
#pragma once

#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/casefile/case.h"
#include "hilum/casefile/record.h"

#include <glib/gstdio.h>
#include <string.h>

static inline HilumGrid fixture_grid(void)
{
  HilumGrid grid = hilum_grid_new(70, 45, 37, 0.7, 0.8, 1.25);
  grid.origin_mm = hilum_vec3(-123.456789012345, 77.7, -1000.1);
  const double c = cos(0.3), s = sin(0.3);
  grid.axes[0] = hilum_vec3(c, s, 0);
  grid.axes[1] = hilum_vec3(-s, c, 0);
  grid.axes[2] = hilum_vec3(0, 0, -1); /* left-handed, as when slices run to the feet */
  return grid;
}

static inline HilumVolume *fixture_volume(const HilumGrid *grid, uint64_t seed)
{
  const size_t n = hilum_grid_count(grid);
  int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
  for (size_t i = 0; i < n; i++)
    voxels[i] = (int16_t)(hilum_random_u64(seed, i) % 3000);
  HilumVolume *volume = hilum_volume_new_take(grid, voxels, 1, -1024, "HU", NULL);
  g_assert_nonnull(volume);
  return volume;
}

static inline HilumCase *fixture_case(void)
{
  HilumGrid grid = fixture_grid();
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, 1);
  HilumCase *c = hilum_case_new();
  GError *error = NULL;
  hilum_case_add_phase(c, NULL, volume, &error);
  g_assert_no_error(error);
  return c;
}

/* A box of voxels becomes `structure`. */
static inline bool fixture_paint(HilumCase *c, HilumStructure *structure, HilumVoxelBox box, GError **error)
{
  HilumLabelWrite write;
  if (!hilum_case_prepare_write(c, structure, HILUM_LABEL_ADD, &write, error)) return false;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(c);
  g_autoptr(HilumMask) mask = hilum_mask_new(hilum_label_snapshot_get_grid(labels)->dims, NULL);
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      hilum_mask_set_span(mask, box.lo[0], box.hi[0], j, k);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_mask(labels, mask, &box, &write, NULL, error);
  g_assert_nonnull(delta);
  return hilum_case_apply_labels(c, "Paint", delta, error);
}

static inline HilumVoxelBox fixture_box(int i0, int j0, int k0, int i1, int j1, int k1)
{
  return (HilumVoxelBox){{i0, j0, k0}, {i1, j1, k1}};
}

static inline char *fixture_hash(HilumCase *c)
{
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(c);
  return hilum_label_snapshot_hash(labels);
}

/* Everything about the structures and labels in one string: equal states, equal strings. */
static inline char *fixture_state(HilumCase *c)
{
  GString *out = g_string_new(NULL);
  GListModel *list = hilum_case_get_structures(c);
  for (guint i = 0; i < g_list_model_get_n_items(list); i++) {
    g_autoptr(HilumStructure) s = g_list_model_get_item(list, i);
    const HilumStructureBoundary *boundary = hilum_structure_get_boundary(s);
    g_string_append_printf(out, "%u|%s|%s|%06x|%d|%" G_GUINT64_FORMAT "|%g:%g@%u\n",
                           hilum_structure_get_label(s), hilum_structure_get_name(s),
                           hilum_structure_kind_id(hilum_structure_get_kind(s)), hilum_structure_get_color(s),
                           hilum_structure_get_locked(s), hilum_structure_get_voxels(s), boundary->lo,
                           boundary->hi, boundary->phase);
  }
  g_autofree char *hash = fixture_hash(c);
  g_string_append_printf(out, "%s %s", hash, hilum_side_name(hilum_case_get_side(c)));
  return g_string_free(out, FALSE);
}
