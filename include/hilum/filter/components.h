/* Connected components of masks by runs and union-find. Any thread; deterministic: components are numbered by
 * their first voxel in x-fastest order. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

G_BEGIN_DECLS

typedef enum { HILUM_CONNECT_6 = 6, HILUM_CONNECT_26 = 26 } HilumConnectivity;

typedef struct HilumComponents HilumComponents;

HilumComponents *hilum_components_new(const HilumMask *mask, HilumConnectivity connectivity,
                                      const HilumProgress *progress, GError **error);
void hilum_components_free(HilumComponents *components);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumComponents, hilum_components_free)
uint32_t hilum_components_get_count(const HilumComponents *components);
uint64_t hilum_components_get_size(const HilumComponents *components, uint32_t component); /* voxels */
HilumVoxelBox hilum_components_get_bounds(const HilumComponents *components, uint32_t component);
/* Component of a voxel, or UINT32_MAX where the mask is clear. */
uint32_t hilum_components_at(const HilumComponents *components, HilumVoxel voxel);
uint32_t hilum_components_get_largest(const HilumComponents *components);
/* Clears from `mask` (the one the components came from) every component c with keep[c] == 0. */
void hilum_components_filter(const HilumComponents *components, HilumMask *mask, const uint8_t *keep);

/* Flood inside `domain` from the seeds: what is connected to any of them. Seeds outside the domain are
 * ignored; *reached is how many were inside. A new mask. */
HilumMask *hilum_mask_flood(const HilumMask *domain, const HilumVoxel *seeds, size_t n_seeds,
                            HilumConnectivity connectivity, size_t *reached, const HilumProgress *progress,
                            GError **error);

/* Shorthands, in place. Largest: ties go to the first. remove_below: components of fewer than min_voxels go.
 */
bool hilum_mask_keep_largest(HilumMask *mask, HilumConnectivity connectivity, const HilumProgress *progress,
                             GError **error);
bool hilum_mask_remove_below(HilumMask *mask, HilumConnectivity connectivity, uint64_t min_voxels,
                             const HilumProgress *progress, GError **error);
/* Fills background that is not 6-connected to the volume's border. */
bool hilum_mask_fill_holes(HilumMask *mask, const HilumProgress *progress, GError **error);

G_END_DECLS
