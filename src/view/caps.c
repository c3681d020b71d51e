/* Sections of all models of a case. */
#include "hilum/view/caps.h"

#include "hilum/mesh/error.h"

static void add_point(GArray *out, HilumVec3 p, HilumVec3 origin)
{
  const HilumVec3 d = hilum_vec3_sub(p, origin);
  const float xyz[3] = {(float)d.x, (float)d.y, (float)d.z};
  g_array_append_vals(out, xyz, 3);
}

static GArray *outline_of(const HilumSection *s, HilumVec3 origin)
{
  GArray *out = g_array_new(FALSE, FALSE, sizeof(float));
  for (size_t c = 0; c < s->n_contours; c++) {
    const HilumContour *contour = &s->contours[c];
    const HilumVec3 *p = s->points_mm + contour->first;
    for (size_t i = 0; i + !contour->closed < contour->n; i++) {
      add_point(out, p[i], origin);
      add_point(out, p[(i + 1) % contour->n], origin);
    }
  }
  return out;
}

static bool add_cap(HilumCaps *caps, int label, HilumMesh *mesh, const HilumCutter *cutter,
                    const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumSection) section = hilum_mesh_section(mesh, cutter, progress, error);
  g_autoptr(GError) failure = NULL;
  if (!section) return false;
  caps->size[label] = (HilumCapSize){section->area_mm2, section->length_mm, section->n_contours};
  caps->fill[label] = hilum_section_fill(section, cutter, &failure);
  if (caps->fill[label])
    caps->outline[label] = outline_of(section, hilum_mesh_get_origin_mm(caps->fill[label]));
  else if (!g_error_matches(failure, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY)) {
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
  }
  return true;
}

HilumCaps *hilum_caps_new(HilumMesh *const meshes[HILUM_LABEL_COUNT], const HilumCutter *cutter,
                          const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumCaps) caps = g_new0(HilumCaps, 1);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (meshes[l] && !add_cap(caps, l, meshes[l], cutter, progress, error)) return NULL;
  return g_steal_pointer(&caps);
}

void hilum_caps_free(HilumCaps *caps)
{
  if (!caps) return;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) {
    g_clear_pointer(&caps->fill[l], hilum_mesh_unref);
    g_clear_pointer(&caps->outline[l], g_array_unref);
  }
  g_free(caps);
}
