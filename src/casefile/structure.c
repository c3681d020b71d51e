/* A structure: what the list on the left shows a line of. Colours are those of the product's table; names are
 * matched word by word, so that "Left kidney, tumour" is a tumour and "renal pelvis" is no bone. */
#include "hilum/casefile/structure.h"

#include "structure_private.h"

#include <math.h>
#include <string.h>

struct _HilumStructure {
  GObject parent;
  uint8_t label;
  HilumStructureTraits traits;
  double opacity, volume_ml;
  bool visible;
  uint64_t voxels;
};

enum {
  PROP_LABEL = 1,
  PROP_NAME,
  PROP_KIND,
  PROP_COLOR,
  PROP_OPACITY,
  PROP_VISIBLE,
  PROP_LOCKED,
  PROP_VOXELS,
  PROP_VOLUME_ML,
  PROP_BOUNDARY,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE(HilumStructure, hilum_structure, G_TYPE_OBJECT)

static const struct {
  const char *id, *name;
  uint32_t color;
  double opacity;
} kinds[HILUM_STRUCTURE_KINDS] = {
    [HILUM_STRUCTURE_OTHER] = {"other", "Structure", 0, 1},
    [HILUM_STRUCTURE_PARENCHYMA] = {"parenchyma", "Parenchyma", 0xB96653, 0.4},
    [HILUM_STRUCTURE_TUMOUR] = {"tumour", "Tumour", 0x3CAA3C, 1},
    [HILUM_STRUCTURE_CYST] = {"cyst", "Cyst", 0x78C8DC, 1},
    [HILUM_STRUCTURE_ARTERY] = {"artery", "Artery", 0xDC1E1E, 1},
    [HILUM_STRUCTURE_VEIN] = {"vein", "Vein", 0x006EDC, 1},
    [HILUM_STRUCTURE_COLLECTING] = {"collecting", "Collecting system", 0xF5CD28, 1},
    [HILUM_STRUCTURE_SINUS] = {"sinus", "Renal sinus", 0xE6DC46, 1},
    [HILUM_STRUCTURE_BONE] = {"bone", "Bone", 0xF1D691, 1},
};

/* For what has no colour of its own: apart from those above and from each other, also for the colour-blind
 * (after Okabe and Ito, "Color universal design", 2008, lightened for a dark window). */
static const uint32_t other_palette[] = {0xCC79A7, 0xE69F00, 0x8E7CC3, 0x00B894,
                                         0xD55E00, 0x9AA5B1, 0xB8860B, 0x6FA8DC};

/* In order of rank: the first row with a word of the name decides. */
static const struct {
  HilumStructureKind kind;
  const char *words;
} vocabulary[] = {
    {HILUM_STRUCTURE_TUMOUR,
     " tumour tumours tumor tumors mass masses lesion lesions neoplasm carcinoma rcc oncocytoma "},
    {HILUM_STRUCTURE_CYST, " cyst cysts "},
    {HILUM_STRUCTURE_ARTERY, " artery arteries arterial aorta "},
    {HILUM_STRUCTURE_VEIN, " vein veins venous cava ivc "},
    {HILUM_STRUCTURE_BONE, " bone bones bony spine vertebra vertebrae rib ribs skeleton "},
    {HILUM_STRUCTURE_COLLECTING,
     " collecting calyx calyces calices calyceal pelvis ureter ureters urine ucs "},
    {HILUM_STRUCTURE_SINUS, " sinus "},
    {HILUM_STRUCTURE_PARENCHYMA, " parenchyma kidney kidneys cortex medulla "},
};

const char *hilum_structure_kind_id(HilumStructureKind kind)
{
  return kinds[(unsigned)kind < HILUM_STRUCTURE_KINDS ? kind : HILUM_STRUCTURE_OTHER].id;
}

const char *hilum_structure_kind_name(HilumStructureKind kind)
{
  return kinds[(unsigned)kind < HILUM_STRUCTURE_KINDS ? kind : HILUM_STRUCTURE_OTHER].name;
}

HilumStructureKind hilum_structure_kind_from_name(const char *name)
{
  g_autofree char *folded = g_utf8_casefold(name ? name : "", -1);
  for (char *c = folded; *c; c++) /* a digit or a sign ends a word: "vein2", "artery_left" */
    if ((unsigned char)*c < 0x80 && !g_ascii_isalpha(*c)) *c = ' ';
  g_auto(GStrv) words = g_strsplit(folded, " ", -1);
  for (gsize r = 0; r < G_N_ELEMENTS(vocabulary); r++) {
    for (char **w = words; *w; w++) {
      if (!**w) continue;
      g_autofree char *key = g_strconcat(" ", *w, " ", NULL);
      if (strstr(vocabulary[r].words, key)) return vocabulary[r].kind;
    }
  }
  return HILUM_STRUCTURE_OTHER;
}

uint32_t hilum_structure_kind_color(HilumStructureKind kind, unsigned index)
{
  if (kind == HILUM_STRUCTURE_OTHER || (unsigned)kind >= HILUM_STRUCTURE_KINDS)
    return other_palette[index % G_N_ELEMENTS(other_palette)];
  return kinds[kind].color;
}

double hilum_structure_kind_opacity(HilumStructureKind kind)
{
  return kinds[(unsigned)kind < HILUM_STRUCTURE_KINDS ? kind : HILUM_STRUCTURE_OTHER].opacity;
}

const char *hilum_structure_name_defect(const char *name)
{
  if (!name || !g_utf8_validate(name, -1, NULL)) return "it is not valid text";
  for (const char *c = name; *c; c = g_utf8_next_char(c))
    if (g_unichar_iscntrl(g_utf8_get_char(c))) return "it holds a control character";
  g_autofree char *stripped = g_strstrip(g_strdup(name));
  if (!*stripped) return "it is blank";
  if (g_utf8_strlen(stripped, -1) > HILUM_NAME_MAX_CHARS) return "it is longer than 64 characters";
  return NULL;
}

char *hilum_structure_name_key(const char *name)
{
  g_autofree char *normal = g_utf8_normalize(name, -1, G_NORMALIZE_ALL);
  return normal ? g_utf8_casefold(normal, -1) : g_strdup("");
}

bool hilum_structure_boundary_is_range(const HilumStructureBoundary *boundary)
{
  return boundary->lo < boundary->hi && (isfinite(boundary->lo) || isfinite(boundary->hi));
}

bool hilum_structure_boundary_equal(const HilumStructureBoundary *a, const HilumStructureBoundary *b)
{
  const bool range = hilum_structure_boundary_is_range(a);
  if (range != hilum_structure_boundary_is_range(b)) return false;
  return !range || (a->lo == b->lo && a->hi == b->hi && a->phase == b->phase);
}

HilumStructureTraits hilum_structure_dup_traits(HilumStructure *self)
{
  HilumStructureTraits copy = self->traits;
  copy.name = g_strdup(self->traits.name);
  return copy;
}

void hilum_structure_traits_clear(HilumStructureTraits *traits)
{
  g_clear_pointer(&traits->name, g_free);
}

HilumStructure *hilum_structure_new(uint8_t label, const HilumStructureTraits *traits)
{
  HilumStructure *self = g_object_new(HILUM_TYPE_STRUCTURE, NULL);
  self->label = label;
  self->traits = *traits;
  self->traits.name = g_strdup(traits->name);
  self->opacity = hilum_structure_kind_opacity(traits->kind);
  return self;
}

bool hilum_structure_set_traits(HilumStructure *self, const HilumStructureTraits *traits)
{
  bool notify[N_PROPS] = {
      [PROP_NAME] = strcmp(self->traits.name, traits->name) != 0,
      [PROP_KIND] = self->traits.kind != traits->kind,
      [PROP_COLOR] = self->traits.color != traits->color,
      [PROP_LOCKED] = self->traits.locked != traits->locked,
      [PROP_BOUNDARY] = !hilum_structure_boundary_equal(&self->traits.boundary, &traits->boundary),
  };
  char *name = g_strdup(traits->name);
  g_free(self->traits.name);
  self->traits = *traits;
  self->traits.name = name;
  bool any = false;
  g_object_freeze_notify(G_OBJECT(self));
  for (guint i = 1; i < N_PROPS; i++) {
    if (!notify[i]) continue;
    g_object_notify_by_pspec(G_OBJECT(self), props[i]);
    any = true;
  }
  g_object_thaw_notify(G_OBJECT(self));
  return any;
}

bool hilum_structure_set_visible(HilumStructure *self, bool visible)
{
  if (self->visible == visible) return false;
  self->visible = visible;
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_VISIBLE]);
  return true;
}

bool hilum_structure_set_opacity(HilumStructure *self, double opacity)
{
  opacity = isfinite(opacity) ? CLAMP(opacity, 0, 1) : 1;
  if (fabs(self->opacity - opacity) < 1e-9) return false;
  self->opacity = opacity;
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_OPACITY]);
  return true;
}

bool hilum_structure_set_voxels(HilumStructure *self, uint64_t voxels, double voxel_mm3)
{
  if (self->voxels == voxels) return false;
  self->voxels = voxels;
  self->volume_ml = (double)voxels * voxel_mm3 / 1000;
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_VOXELS]);
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_VOLUME_ML]);
  return true;
}

uint8_t hilum_structure_get_label(HilumStructure *self)
{
  return self->label;
}

const char *hilum_structure_get_name(HilumStructure *self)
{
  return self->traits.name;
}

HilumStructureKind hilum_structure_get_kind(HilumStructure *self)
{
  return self->traits.kind;
}

uint32_t hilum_structure_get_color(HilumStructure *self)
{
  return self->traits.color;
}

double hilum_structure_get_opacity(HilumStructure *self)
{
  return self->opacity;
}

bool hilum_structure_get_visible(HilumStructure *self)
{
  return self->visible;
}

bool hilum_structure_get_locked(HilumStructure *self)
{
  return self->traits.locked;
}

uint64_t hilum_structure_get_voxels(HilumStructure *self)
{
  return self->voxels;
}

double hilum_structure_get_volume_ml(HilumStructure *self)
{
  return self->volume_ml;
}

const HilumStructureBoundary *hilum_structure_get_boundary(HilumStructure *self)
{
  return &self->traits.boundary;
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HilumStructure *self = HILUM_STRUCTURE(object);
  switch (id) {
  case PROP_LABEL:
    g_value_set_uint(value, self->label);
    break;
  case PROP_NAME:
    g_value_set_string(value, self->traits.name);
    break;
  case PROP_KIND:
    g_value_set_uint(value, self->traits.kind);
    break;
  case PROP_COLOR:
    g_value_set_uint(value, self->traits.color);
    break;
  case PROP_OPACITY:
    g_value_set_double(value, self->opacity);
    break;
  case PROP_VISIBLE:
    g_value_set_boolean(value, self->visible);
    break;
  case PROP_LOCKED:
    g_value_set_boolean(value, self->traits.locked);
    break;
  case PROP_VOXELS:
    g_value_set_uint64(value, self->voxels);
    break;
  case PROP_VOLUME_ML:
    g_value_set_double(value, self->volume_ml);
    break;
  case PROP_BOUNDARY:
    g_value_set_pointer(value, &self->traits.boundary);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject *object)
{
  hilum_structure_traits_clear(&HILUM_STRUCTURE(object)->traits);
  G_OBJECT_CLASS(hilum_structure_parent_class)->finalize(object);
}

static void hilum_structure_class_init(HilumStructureClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS(klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  object->get_property = get_property;
  object->finalize = finalize;
  props[PROP_LABEL] = g_param_spec_uint("label", NULL, NULL, 0, 255, 0, flags);
  props[PROP_NAME] = g_param_spec_string("name", NULL, NULL, NULL, flags);
  props[PROP_KIND] = g_param_spec_uint("kind", NULL, NULL, 0, HILUM_STRUCTURE_KINDS - 1, 0, flags);
  props[PROP_COLOR] = g_param_spec_uint("color", NULL, NULL, 0, 0xFFFFFF, 0, flags);
  props[PROP_OPACITY] = g_param_spec_double("opacity", NULL, NULL, 0, 1, 1, flags);
  props[PROP_VISIBLE] = g_param_spec_boolean("visible", NULL, NULL, TRUE, flags);
  props[PROP_LOCKED] = g_param_spec_boolean("locked", NULL, NULL, FALSE, flags);
  props[PROP_VOXELS] = g_param_spec_uint64("voxels", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_VOLUME_ML] = g_param_spec_double("volume-ml", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  props[PROP_BOUNDARY] = g_param_spec_pointer("boundary", NULL, NULL, flags);
  g_object_class_install_properties(object, N_PROPS, props);
}

static void hilum_structure_init(HilumStructure *self)
{
  self->visible = true;
  self->opacity = 1;
}
