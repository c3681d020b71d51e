/* The workspace: models cut open, and a distance that is shown. */
#include "workspace_private.h"

void hilum_workspace_drop_cap(HilumWorkspace *self, uint8_t label)
{
  WorkspaceCap *cap = &self->caps[label];
  g_clear_pointer(&cap->fill, hilum_mesh_unref);
  g_clear_pointer(&cap->outline, g_array_unref);
  cap->serial = 0;
  cap->size = (HilumCapSize){0};
}

void hilum_workspace_clear_caps(HilumWorkspace *self)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    hilum_workspace_drop_cap(self, (uint8_t)l);
  self->clipped = false;
}

const HilumSpan *hilum_workspace_get_span(HilumWorkspace *self)
{
  return &self->span;
}

void hilum_workspace_set_span(HilumWorkspace *self, const HilumSpan *span)
{
  if (!span->on && !self->span.on) return;
  self->span = *span;
  hilum_workspace_changed(self, HILUM_CHANGE_SPAN);
}

const HilumClip *hilum_workspace_get_clip(HilumWorkspace *self)
{
  return &self->clip;
}

void hilum_workspace_set_clip(HilumWorkspace *self, const HilumClip *clip)
{
  if (!hilum_clip_is_valid(clip) || hilum_clip_equal(clip, &self->clip)) return;
  if (clip->kind != self->clip.kind) hilum_workspace_clear_caps(self);
  self->clip = *clip;
  if (clip->kind == HILUM_CLIP_SPHERE) self->last_radius_mm = clip->radius_mm;
  hilum_workspace_changed(self, HILUM_CHANGE_CLIP);
}

void hilum_workspace_clip_towards_eye(HilumWorkspace *self, HilumSlicePlane plane)
{
  g_return_if_fail(plane < HILUM_SLICE_PLANES);
  const HilumVec3 normal = hilum_slice_state_normal(&self->slices[plane]);
  hilum_workspace_set_clip(self, &(HilumClip){.kind = HILUM_CLIP_SLICE,
                                              .plane = plane,
                                              .other_side = hilum_vec3_dot(normal, self->camera.back) < 0});
}

void hilum_workspace_clip_freely(HilumWorkspace *self, HilumClipKind kind)
{
  HilumClip clip = hilum_clip_facing(&self->camera, self->cursor_mm);
  clip.kind = kind;
  if (kind == HILUM_CLIP_SPHERE) clip.radius_mm = self->last_radius_mm;
  hilum_workspace_set_clip(self, &clip);
}

bool hilum_workspace_clip_about(HilumWorkspace *self, uint8_t label, double margin_mm)
{
  HilumMesh *mesh = self->meshes[label].mesh;
  const uint32_t nv = mesh ? hilum_mesh_get_vertex_count(mesh) : 0;
  if (nv == 0) return false;
  const HilumVec3 origin = hilum_mesh_get_origin_mm(mesh);
  const float *p = hilum_mesh_get_positions(mesh);
  HilumVec3 sum = {0, 0, 0};
  double most = 0;
  for (uint32_t v = 0; v < nv; v++)
    sum = hilum_vec3_add(sum, hilum_vec3((double)p[3 * v], (double)p[3 * v + 1], (double)p[3 * v + 2]));
  const HilumVec3 middle = hilum_vec3_madd(origin, 1.0 / nv, sum);
  for (uint32_t v = 0; v < nv; v++)
    most = fmax(most, hilum_vec3_distance(middle, hilum_mesh_vertex_mm(origin, p, v)));
  hilum_workspace_set_clip(
      self, &(HilumClip){.kind = HILUM_CLIP_SPHERE,
                         .point_mm = middle,
                         .radius_mm = CLAMP(most + margin_mm, HILUM_CLIP_LEAST_MM, HILUM_CLIP_MOST_MM),
                         .other_side = self->clip.kind == HILUM_CLIP_SPHERE && self->clip.other_side});
  return true;
}

bool hilum_workspace_get_wanted_cut(HilumWorkspace *self, HilumCutter *cutter)
{
  *cutter = hilum_clip_cutter(&self->clip);
  if (self->clip.kind != HILUM_CLIP_SLICE) return self->clip.kind != HILUM_CLIP_NONE;
  const HilumSliceState *slice = &self->slices[self->clip.plane];
  HilumVec3 corners[4];
  hilum_slice_state_corners_mm(slice, corners);
  HilumVec3 normal = hilum_slice_state_normal(slice);
  *cutter = (HilumCutter){.kind = HILUM_CUTTER_PLANE,
                          .point_mm = corners[0],
                          .normal = self->clip.other_side ? hilum_vec3_scale(normal, -1) : normal};
  return true;
}

void hilum_workspace_set_cut(HilumWorkspace *self, const HilumCutter *cutter, const HilumCaps *caps)
{
  if (self->clip.kind == HILUM_CLIP_NONE) return;
  self->cut = *cutter;
  self->clipped = true;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    WorkspaceCap *cap = &self->caps[l];
    cap->size = caps->size[l];
    if (!cap->fill && !caps->fill[l]) continue;
    hilum_workspace_drop_cap(self, (uint8_t)l);
    cap->size = caps->size[l];
    cap->fill = caps->fill[l] ? hilum_mesh_ref(caps->fill[l]) : NULL;
    cap->outline = caps->outline[l] ? g_array_ref(caps->outline[l]) : NULL;
    cap->serial = hilum_workspace_next_serial();
  }
  hilum_workspace_changed(self, HILUM_CHANGE_CLIP);
}

bool hilum_workspace_get_cut(HilumWorkspace *self, HilumCut *cut)
{
  HilumCutter wanted;
  const bool any = hilum_workspace_get_wanted_cut(self, &wanted);
  *cut = (HilumCut){.cutter = self->cut,
                    .inside_goes = self->clip.kind == HILUM_CLIP_SPHERE && self->clip.other_side};
  if (!any || self->clip.kind == HILUM_CLIP_SLICE) return any && self->clipped;
  cut->cutter = wanted;
  cut->caps_lag = !self->clipped || !hilum_cutter_equal(&wanted, &self->cut);
  return true;
}

HilumMesh *hilum_workspace_get_cap(HilumWorkspace *self, uint8_t label, GArray **outline, uint64_t *serial)
{
  *outline = self->caps[label].outline;
  *serial = self->caps[label].serial;
  return self->caps[label].fill;
}

bool hilum_workspace_get_section(HilumWorkspace *self, uint8_t label, HilumCapSize *size)
{
  *size = self->caps[label].size;
  return self->clipped && size->area_mm2 > 0;
}

static void append_number(GString *out, const char *before, const char *format, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf(out, "%s%s", before, g_ascii_formatd(text, sizeof text, format, value));
}

static void append_point(GString *out, HilumVec3 p, const char *format)
{
  append_number(out, " ", format, p.x);
  append_number(out, " ", format, p.y);
  append_number(out, " ", format, p.z);
}

/* How it was cut, and so what the numbers are. */
static char *dup_method(const HilumCutter *cutter)
{
  GString *out = g_string_new(cutter->kind == HILUM_CUTTER_SPHERE ? "sphere about" : "plane through");
  append_point(out, cutter->point_mm, "%.2f");
  if (cutter->kind == HILUM_CUTTER_SPHERE)
    append_number(out, " mm (LPS), radius ", "%.2f", cutter->radius_mm);
  else
    append_point(g_string_append(out, " mm (LPS), normal"), cutter->normal, "%.5f");
  g_string_append(out, cutter->kind == HILUM_CUTTER_SPHERE
                           ? " mm: the part of the sphere within the surface"
                           : ": the section of the surface, exact on its triangles");
  return g_string_free(out, FALSE);
}

char *hilum_workspace_dup_sections(HilumWorkspace *self)
{
  g_autoptr(GString) out = g_string_new("structure\tsection (mm2)\tcontours (mm)\tcontours\tmethod\n");
  g_autofree char *method = dup_method(&self->cut);
  bool any = false;
  for (size_t n = 0; n < self->n_order; n++) {
    const uint8_t label = self->order[n];
    HilumCapSize size;
    if (!hilum_workspace_is_shown(self, label) || !hilum_workspace_get_section(self, label, &size)) continue;
    g_autofree char *name = g_strdelimit(g_strdup(self->looks[label].name), "\t\r\n", ' ');
    g_string_append(out, name);
    append_number(out, "\t", "%.1f", size.area_mm2);
    append_number(out, "\t", "%.1f", size.length_mm);
    g_string_append_printf(out, "\t%zu\t%s\n", size.contours, method);
    any = true;
  }
  return any ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}
