/* Seeds: strokes in several structures and the background, from which all of them grow at once. Every stroke
 * renews the growth (one job at a time; what it shows stays until the next is there); Enter writes it as one
 * step. The strokes are no part of the case: they stay with the tool, also while another is in hand, until
 * Esc drops them. */
#include "tool_private.h"

#include "hilum/casefile/case.h"
#include "hilum/segment/seeds.h"

#include <math.h>

#define NAMES_SHOWN 5

/* A structure that comes in the place of one that was deleted is another one. */
typedef struct {
  HilumStroke stroke;
  HilumStructure *structure; /* referenced; NULL: background, or no case */
} Seed;

typedef struct {
  HilumTool parent;
  double radius_mm, reach_mm;
  bool background, one_phase;
  GArray *seeds;   /* Seed */
  guint fresh;     /* of the last of them that no step of the history holds */
  ToolSeeds *kept; /* NULL: to be grown from nothing */
  bool drawing;
} HilumSeedsTool;
typedef HilumToolClass HilumSeedsToolClass;

G_DEFINE_FINAL_TYPE(HilumSeedsTool, hilum_seeds_tool, HILUM_TYPE_TOOL)

enum { PROP_0, PROP_RADIUS, PROP_BACKGROUND, PROP_ONE_PHASE, PROP_REACH, N_PROPS };
static GParamSpec *properties[N_PROPS];

static HilumWorkspace *workspace_of(HilumSeedsTool *self)
{
  return hilum_tool_get_workspace(HILUM_TOOL(self));
}

static void seed_clear(gpointer data)
{
  Seed *seed = data;
  hilum_stroke_clear(&seed->stroke);
  g_clear_object(&seed->structure);
}

static Seed *seed_at(HilumSeedsTool *self, guint n)
{
  return &g_array_index(self->seeds, Seed, n);
}

static HilumStructure *structure_of(HilumSeedsTool *self, uint8_t label)
{
  HilumCase *the_case = hilum_workspace_get_case(workspace_of(self));
  return the_case && label ? hilum_case_get_structure(the_case, label) : NULL;
}

/* --- growing --- */

/* Strokes of locked structures are obstacles like any other tissue: background's. */
static GArray *dup_strokes(HilumSeedsTool *self)
{
  GArray *strokes = g_array_new(FALSE, TRUE, sizeof(HilumStroke));
  g_array_set_clear_func(strokes, (GDestroyNotify)hilum_stroke_clear);
  for (guint n = 0; n < self->seeds->len; n++) {
    const HilumStroke *from = &seed_at(self, n)->stroke;
    const HilumStroke stroke = {
        .label = hilum_workspace_get_look(workspace_of(self), from->label)->locked ? 0 : from->label,
        .radius_mm = from->radius_mm,
        .points_mm = g_array_copy(from->points_mm)};
    g_array_append_val(strokes, stroke);
  }
  return strokes;
}

static bool has_two_labels(GArray *strokes)
{
  for (guint n = 1; n < strokes->len; n++)
    if (g_array_index(strokes, HilumStroke, n).label != g_array_index(strokes, HilumStroke, 0).label)
      return true;
  return false;
}

static void show_nothing(HilumSeedsTool *self)
{
  HilumTool *tool = HILUM_TOOL(self);
  hilum_workspace_clear_preview(workspace_of(self));
  hilum_tool_set_can_apply(tool, false);
  hilum_tool_set_status(tool, self->seeds->len == 0
                                  ? "Draw a stroke inside each structure, and one in what is none of them "
                                    "(Shift: background)."
                                  : "Now a stroke in another structure, or in the background (Shift).");
}

/* Grown from nothing the next time if where fronts may go, or what they look at, is another. False without
 * images. */
static bool refresh_kept(HilumSeedsTool *self)
{
  g_autoptr(ToolSeeds) now = hilum_tool_seeds_new(HILUM_TOOL(self), self->one_phase, self->reach_mm);
  if (now && self->kept && hilum_tool_seeds_equal(now, self->kept)) return true;
  g_clear_pointer(&self->kept, hilum_tool_seeds_unref);
  self->kept = g_steal_pointer(&now);
  return self->kept != NULL;
}

static void start(HilumTool *tool, bool final)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  g_autoptr(GArray) strokes = dup_strokes(self);
  if (!has_two_labels(strokes)) {
    show_nothing(self);
    return;
  }
  if (!refresh_kept(self)) {
    hilum_tool_set_badge(tool, "The images are missing: there is nothing to grow in.");
    return;
  }
  HilumToolJob *job = hilum_tool_seeds_job_new(tool, self->kept, g_steal_pointer(&strokes), final);
  if (!job) return;
  if (final) hilum_tool_set_can_apply(tool, false);
  hilum_tool_submit(tool, job);
}

/* "Parenchyma 151.8 ml · Tumour 12.0 ml": each structure with a stroke, as it would be. */
static void show_volumes(HilumSeedsTool *self, HilumLabelSnapshot *after)
{
  g_autoptr(GString) text = g_string_new(NULL);
  bool seen[HILUM_LABEL_COUNT] = {true};
  guint shown = 0;
  for (guint n = 0; n < self->seeds->len; n++) {
    const uint8_t label = seed_at(self, n)->stroke.label;
    if (seen[label]) continue;
    seen[label] = true;
    if (++shown > NAMES_SHOWN) continue;
    char ml[48];
    hilum_tool_format_ml(HILUM_TOOL(self), hilum_label_snapshot_count(after, label), ml);
    g_string_append_printf(text, "%s%s %s", text->len ? " · " : "",
                           hilum_workspace_get_look(workspace_of(self), label)->name, ml);
  }
  if (shown > NAMES_SHOWN) g_string_append_printf(text, " · %u more", shown - NAMES_SHOWN);
  hilum_tool_set_status(HILUM_TOOL(self), "%s", text->str);
}

static void written(HilumSeedsTool *self, const HilumToolJob *job)
{
  HilumTool *tool = HILUM_TOOL(self);
  hilum_workspace_clear_preview(workspace_of(self));
  self->fresh = 0;
  if (hilum_label_delta_is_empty(job->result->delta))
    hilum_tool_set_badge(tool, "Nothing changed: the structures are already what grows from these strokes.");
}

static void previewed(HilumTool *tool, HilumToolJob *job)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  if (job->result) {
    show_volumes(self, job->result->after);
    if (job->write_delta)
      written(self, job);
    else {
      hilum_workspace_set_preview_labels(workspace_of(self), job->result->after, job->result->box);
      hilum_tool_set_can_apply(tool, true);
    }
  } else if (!hilum_tool_is_asked_again(tool))
    hilum_tool_set_can_apply(tool, false);
}

/* --- strokes --- */

static void begin_stroke(HilumSeedsTool *self, const HilumToolEvent *event)
{
  HilumTool *tool = HILUM_TOOL(self);
  const bool background = self->background != !!(event->modifiers & HILUM_MODIFIER_SHIFT);
  hilum_tool_set_badge(tool, "");
  if (!background && !hilum_tool_may_write(tool)) return;
  if (!hilum_workspace_get_labels(workspace_of(self))) return;
  const uint8_t label = background ? 0 : hilum_workspace_get_active(workspace_of(self));
  Seed seed = {.stroke = {.label = label,
                          .radius_mm = self->radius_mm,
                          .points_mm = g_array_new(FALSE, FALSE, sizeof(HilumVec3))}};
  g_set_object(&seed.structure, structure_of(self, label));
  g_array_append_val(seed.stroke.points_mm, event->point_mm);
  g_array_append_val(self->seeds, seed);
  self->fresh++;
  self->drawing = true;
  hilum_workspace_outline_changed(workspace_of(self));
}

/* Points closer together than a fifth of the radius would only cost time. */
static void draw_to(HilumSeedsTool *self, HilumVec3 point_mm)
{
  GArray *points = seed_at(self, self->seeds->len - 1)->stroke.points_mm;
  const HilumVec3 last = g_array_index(points, HilumVec3, points->len - 1);
  if (hilum_vec3_distance(last, point_mm) < 0.2 * self->radius_mm) return;
  g_array_append_val(points, point_mm);
  hilum_workspace_outline_changed(workspace_of(self));
}

static void end_stroke(HilumSeedsTool *self)
{
  if (!self->drawing) return;
  self->drawing = false;
  hilum_tool_request(HILUM_TOOL(self), false);
}

static bool handle(HilumTool *tool, const HilumToolEvent *event)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  if (hilum_tool_resize(tool, self->radius_mm, event)) return true;
  if (event->plane >= HILUM_SLICE_PLANES) return false;
  switch (event->type) {
  case HILUM_TOOL_PRESS:
    end_stroke(self); /* a release that never came */
    begin_stroke(self, event);
    return true;
  case HILUM_TOOL_DRAG:
    if (self->drawing) draw_to(self, event->point_mm);
    return true;
  case HILUM_TOOL_RELEASE:
    end_stroke(self);
    return true;
  default:
    return false;
  }
}

static bool step_back(HilumTool *tool)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  if (self->seeds->len == 0) return false;
  self->drawing = false;
  g_array_set_size(self->seeds, self->seeds->len - 1);
  if (self->fresh > 0) self->fresh--;
  hilum_tool_set_badge(tool, "");
  hilum_workspace_outline_changed(workspace_of(self));
  hilum_tool_request(HILUM_TOOL(self), false);
  return true;
}

static bool has_own_steps(HilumTool *tool)
{
  return ((HilumSeedsTool *)tool)->fresh > 0;
}

static void forget(HilumSeedsTool *self)
{
  self->drawing = false;
  self->fresh = 0;
  g_array_set_size(self->seeds, 0);
  g_clear_pointer(&self->kept, hilum_tool_seeds_unref);
  show_nothing(self);
  hilum_workspace_outline_changed(workspace_of(self));
}

static bool back_out(HilumTool *tool)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  if (self->seeds->len == 0) return false;
  hilum_tool_set_badge(tool, "");
  hilum_tool_cancel(tool); /* a job in flight is too late, too */
  forget(self);
  return true;
}

static void apply(HilumTool *tool)
{
  hilum_tool_request(tool, true);
}

/* Another tool, or a step of the history: the strokes stay. */
static void cancel(HilumTool *tool)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  self->drawing = false;
  hilum_workspace_clear_preview(workspace_of(self));
  hilum_tool_set_can_apply(tool, false);
}

/* Strokes of structures that are gone. */
static void prune(HilumSeedsTool *self)
{
  const guint before = self->seeds->len;
  for (guint n = self->seeds->len; n-- > 0;) {
    const Seed *seed = seed_at(self, n);
    const uint8_t label = seed->stroke.label;
    if (label == 0 || (hilum_workspace_get_look(workspace_of(self), label)->used &&
                       seed->structure == structure_of(self, label)))
      continue;
    g_array_remove_index(self->seeds, n);
  }
  if (self->seeds->len == before) return;
  self->fresh = MIN(self->fresh, self->seeds->len);
  hilum_workspace_outline_changed(workspace_of(self));
}

/* Strokes that were applied already, or are back after undo: nothing grows by itself, but Enter does. */
static void offer(HilumSeedsTool *self)
{
  hilum_tool_set_status(HILUM_TOOL(self),
                        "The strokes are still there: Enter grows from them again, another stroke adds to "
                        "them, Esc drops them.");
  hilum_tool_set_can_apply(HILUM_TOOL(self), true);
}

static void changed(HilumTool *tool, unsigned changes)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  HilumWorkspace *workspace = hilum_tool_get_workspace(tool);
  if (changes & HILUM_CHANGE_CASE) {
    hilum_tool_forget_requests(tool);
    forget(self);
    return;
  }
  const unsigned matters = HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_LIMITS | HILUM_CHANGE_TOOL |
                           HILUM_CHANGE_PHASE | HILUM_CHANGE_LABELS;
  if (!(changes & matters) || hilum_tool_is_writing(tool) || hilum_workspace_get_tool(workspace) != tool)
    return;
  if (changes & (HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_TOOL)) prune(self);
  ToolSeeds *before = self->kept;
  const bool same = hilum_workspace_get_labels(workspace) && refresh_kept(self) && self->kept == before;
  if (self->seeds->len == 0)
    show_nothing(self);
  else if (self->fresh == 0)
    offer(self);
  else if (!same || changes & (HILUM_CHANGE_TOOL | HILUM_CHANGE_LABELS))
    hilum_tool_request(HILUM_TOOL(self), false);
}

static double ring(HilumTool *tool)
{
  return ((HilumSeedsTool *)tool)->radius_mm;
}

static void strokes(HilumTool *tool, HilumSlicePlane plane, GArray *out)
{
  HilumSeedsTool *self = (HilumSeedsTool *)tool;
  const HilumSliceState *slice = hilum_workspace_get_slice(hilum_tool_get_workspace(tool), plane);
  for (guint s = 0; s < self->seeds->len; s++)
    hilum_tool_add_stroke(out, slice, &seed_at(self, s)->stroke);
}

/* --- settings --- */

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  const HilumSeedsTool *self = (HilumSeedsTool *)object;
  if (id == PROP_RADIUS)
    g_value_set_double(value, self->radius_mm);
  else if (id == PROP_REACH)
    g_value_set_double(value, self->reach_mm);
  else
    g_value_set_boolean(value, id == PROP_BACKGROUND ? self->background : self->one_phase);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HilumSeedsTool *self = (HilumSeedsTool *)object;
  if (id == PROP_RADIUS) {
    self->radius_mm = g_value_get_double(value);
    hilum_workspace_outline_changed(workspace_of(self)); /* the ring */
  } else if (id == PROP_BACKGROUND)
    self->background = g_value_get_boolean(value);
  else if (id == PROP_ONE_PHASE)
    self->one_phase = g_value_get_boolean(value);
  else
    self->reach_mm = g_value_get_double(value);
  g_object_notify_by_pspec(object, spec);
  if ((id == PROP_ONE_PHASE || id == PROP_REACH) && self->seeds->len > 0)
    hilum_tool_request(HILUM_TOOL(self), false);
}

static void finalize(GObject *object)
{
  HilumSeedsTool *self = (HilumSeedsTool *)object;
  g_array_unref(self->seeds);
  g_clear_pointer(&self->kept, hilum_tool_seeds_unref);
  G_OBJECT_CLASS(hilum_seeds_tool_parent_class)->finalize(object);
}

static void hilum_seeds_tool_class_init(HilumSeedsToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->finalize = finalize;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  properties[PROP_RADIUS] =
      g_param_spec_double("radius-mm", NULL, NULL, TOOL_MIN_RADIUS_MM, TOOL_MAX_RADIUS_MM, 2, flags);
  properties[PROP_BACKGROUND] = g_param_spec_boolean("background", NULL, NULL, FALSE, flags);
  properties[PROP_ONE_PHASE] = g_param_spec_boolean("one-phase", NULL, NULL, FALSE, flags);
  properties[PROP_REACH] = g_param_spec_double("reach-mm", NULL, NULL, 1, 1000, 20, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  klass->kind = HILUM_TOOL_SEEDS;
  klass->handle = handle;
  klass->apply = apply;
  klass->cancel = cancel;
  klass->changed = changed;
  klass->ring = ring;
  klass->step_back = step_back;
  klass->has_own_steps = has_own_steps;
  klass->back_out = back_out;
  klass->strokes = strokes;
  klass->previewed = previewed;
  klass->start = start;
}

static void hilum_seeds_tool_init(HilumSeedsTool *self)
{
  self->radius_mm = 2;
  self->reach_mm = 20;
  self->seeds = g_array_new(FALSE, TRUE, sizeof(Seed));
  g_array_set_clear_func(self->seeds, seed_clear);
}
