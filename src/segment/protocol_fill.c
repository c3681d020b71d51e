/* Protocols: filling in what depends on the images. In a step of a protocol stands
 *
 *   {click} {click:NAME}     the points clicked for this stage, or for another stage's structure
 *   {value:A}                a value: A is a number, `click`, or a structure's name: the mean within 2 mm of
 *                            that click in the stage's phase, or in another's with `NAME@arterial`
 *   {between:A,B,F}          A + F (B - A); F is 0.5 unless given
 *
 * The text that results is parsed like any other step. */
#include "protocol_private.h"

#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

#define NEAR_MM 2.0
#define STAND_IN "1" /* for a value and, three times, for a point while a protocol is only tried */

typedef struct {
  const HilumProtocol *protocol;
  const HilumProtocolRun *run; /* NULL: trying */
  size_t stage, phase;
} Fill;

static bool fail(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static bool fail(GError **error, int code, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  GError *made = g_error_new_valist(HILUM_SEGMENT_ERROR, code, format, args);
  va_end(args);
  g_propagate_error(error, made);
  return false;
}

static const HilumStage *stage_at(const HilumProtocol *protocol, size_t n)
{
  return hilum_protocol_get_stage(protocol, n);
}

/* --- phases --- */

static bool has_kind(const HilumProtocolRun *run, size_t phase, const char *kind)
{
  if (run->volumes[phase] == NULL) return false;
  return strcmp(kind, "any") == 0 || strcmp(kind, run->kinds[phase]) == 0;
}

static bool find_kind(const HilumProtocolRun *run, const char *kind, size_t *phase)
{
  for (size_t p = 0; p < run->n_phases; p++)
    if (has_kind(run, p, kind)) {
      *phase = p;
      return true;
    }
  return false;
}

bool hilum_protocol_find_phase(const HilumProtocol *protocol, size_t stage, const HilumProtocolRun *run,
                               size_t *phase, GError **error)
{
  const HilumStage *s = stage_at(protocol, stage);
  for (size_t k = 0; s->phases[k] != NULL; k++)
    if (find_kind(run, s->phases[k], phase)) return true;
  g_autofree char *kinds = g_strjoinv(" or ", (char **)s->phases);
  return fail(error, HILUM_SEGMENT_ERROR_INVALID,
              "“%s” needs images of the phase %s, and the case has none: say which phase is which, or choose "
              "another protocol.",
              s->title, kinds);
}

/* --- values --- */

/* The first stage of that structure with a click; while trying, any stage of it. */
static bool find_stage(const Fill *f, const char *name, size_t *stage, GError **error)
{
  if (strcmp(name, "click") == 0) {
    *stage = f->stage;
    return true;
  }
  bool known = false;
  for (size_t n = 0; n < hilum_protocol_get_count(f->protocol); n++) {
    if (strcmp(stage_at(f->protocol, n)->structure, name) != 0) continue;
    known |= stage_at(f->protocol, n)->click != HILUM_CLICK_NONE;
    *stage = n;
    if (f->run == NULL ? known : f->run->clicked[n]) return true;
  }
  if (!known) return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "No stage asks for a click in “%s”.", name);
  return fail(error, HILUM_SEGMENT_ERROR_SEED, "A click in “%s” is needed first.", name);
}

static bool need_click(const Fill *f, size_t stage, GError **error)
{
  const HilumStage *s = stage_at(f->protocol, stage);
  if (f->run == NULL) {
    if (s->click != HILUM_CLICK_NONE) return true;
    return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "The stage “%s” reads a click that it does not ask for.",
                s->title);
  }
  if (f->run->clicked[stage]) return true;
  return fail(error, HILUM_SEGMENT_ERROR_SEED, "“%s” needs a click: %s", s->title, s->prompt);
}

/* Mean of the voxels whose centres lie within NEAR_MM of the point; at least the one under it. */
static bool mean_near(const HilumVolume *volume, HilumVec3 point_mm, double *mean)
{
  const HilumGrid *g = hilum_volume_get_grid(volume);
  const HilumVoxel at = hilum_grid_voxel_at_mm(g, point_mm);
  if (!hilum_grid_contains(g, at)) return false;
  int32_t reach[3];
  for (int a = 0; a < 3; a++)
    reach[a] = (int32_t)(NEAR_MM / g->spacing_mm[a]) + 1;
  double sum = 0, n = 0;
  for (int32_t k = MAX(at.k - reach[2], 0); k <= MIN(at.k + reach[2], g->dims[2] - 1); k++)
    for (int32_t j = MAX(at.j - reach[1], 0); j <= MIN(at.j + reach[1], g->dims[1] - 1); j++)
      for (int32_t i = MAX(at.i - reach[0], 0); i <= MIN(at.i + reach[0], g->dims[0] - 1); i++) {
        const HilumVoxel v = {i, j, k};
        const bool under = i == at.i && j == at.j && k == at.k;
        if (!under && hilum_vec3_distance(hilum_grid_voxel_to_mm(g, v), point_mm) > NEAR_MM) continue;
        sum += hilum_volume_get_value(volume, v);
        n++;
      }
  *mean = sum / n;
  return true;
}

/* A number, `click`, or NAME, with @KIND behind it if the phase is another than the stage's. */
static bool find_value(const Fill *f, const char *text, double *value, GError **error)
{
  char *end = NULL;
  *value = g_ascii_strtod(text, &end);
  if (end != text && *end == '\0' && isfinite(*value)) return true;
  g_auto(GStrv) parts = g_strsplit(text, "@", 2);
  size_t stage, phase = f->phase;
  if (parts[0] == NULL) return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "A value is missing.");
  if (!find_stage(f, parts[0], &stage, error) || !need_click(f, stage, error)) return false;
  *value = 1;
  if (f->run == NULL) return true;
  if (parts[1] != NULL && !find_kind(f->run, parts[1], &phase))
    return fail(error, HILUM_SEGMENT_ERROR_INVALID, "The case has no images of the phase %s.", parts[1]);
  if (mean_near(f->run->volumes[phase], f->run->clicks_mm[stage], value)) return true;
  return fail(error, HILUM_SEGMENT_ERROR_SEED, "The click for “%s” lies outside the images.", parts[0]);
}

static bool fill_between(const Fill *f, const char *text, GString *out, GError **error)
{
  g_auto(GStrv) parts = g_strsplit(text, ",", -1);
  const guint n = g_strv_length(parts);
  double a, b, share = 0.5;
  if (n < 2 || n > 3)
    return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "“{between:%s}” is not {between:A,B} or {between:A,B,F}.",
                text);
  if (!find_value(f, parts[0], &a, error) || !find_value(f, parts[1], &b, error)) return false;
  char *end = NULL;
  if (n == 3) share = g_ascii_strtod(parts[2], &end);
  if (n == 3 && (end == parts[2] || *end != '\0' || !isfinite(share)))
    return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "“%s” is not a share in “{between:%s}”.", parts[2], text);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append(out,
                  f->run ? g_ascii_formatd(number, sizeof number, "%.2f", a + share * (b - a)) : STAND_IN);
  return true;
}

static bool fill_click(const Fill *f, const char *name, GString *out, GError **error)
{
  size_t stage;
  if (!find_stage(f, name, &stage, error) || !need_click(f, stage, error)) return false;
  const HilumVec3 p = f->run ? f->run->clicks_mm[stage] : hilum_vec3(1, 1, 1);
  const double values[3] = {p.x, p.y, p.z};
  for (int a = 0; a < 3; a++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(out, "%s%s", a ? "," : "",
                           g_ascii_formatd(number, sizeof number, "%.4f", values[a]));
  }
  return true;
}

static bool fill_one(const Fill *f, const char *what, GString *out, GError **error)
{
  if (strcmp(what, "click") == 0) return fill_click(f, "click", out, error);
  if (g_str_has_prefix(what, "click:")) return fill_click(f, what + 6, out, error);
  if (g_str_has_prefix(what, "between:")) return fill_between(f, what + 8, out, error);
  if (g_str_has_prefix(what, "value:")) {
    double value;
    if (!find_value(f, what + 6, &value, error)) return false;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(out, g_ascii_formatd(number, sizeof number, "%.2f", value));
    return true;
  }
  return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "“{%s}” means nothing.", what);
}

static char *fill_text(const Fill *f, const char *text, GError **error)
{
  g_autoptr(GString) out = g_string_new(NULL);
  while (*text != '\0') {
    const char *open = strchr(text, '{'), *close = open != NULL ? strchr(open, '}') : NULL;
    if (close == NULL) break;
    g_string_append_len(out, text, open - text);
    g_autofree char *what = g_strndup(open + 1, (gsize)(close - open - 1));
    if (!fill_one(f, what, out, error)) return NULL;
    text = close + 1;
  }
  g_string_append(out, text);
  return g_strdup(out->str);
}

/* --- steps --- */

/* One line: a step's name, its value if it takes one, then options with theirs. */
static bool parse_line(const char *line, GArray *steps, GError **error)
{
  g_auto(GStrv) words = NULL;
  int n = 0;
  if (!g_shell_parse_argv(line, &n, &words, error)) return false;
  for (int w = 0; w < n;) {
    const HilumStepOp *op = hilum_step_op_find(words[w]);
    g_autofree char *form = op != NULL ? hilum_step_op_dup_value_form(op) : g_strdup("");
    const bool takes = form != NULL;
    if (takes && w + 1 >= n)
      return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "“%s” lacks its value.", words[w]);
    if (op != NULL && w > 0)
      return fail(error, HILUM_SEGMENT_ERROR_SYNTAX, "“%s” must be a step of its own.", words[w]);
    HilumStep step = {0};
    bool joined = false;
    HilumStep *previous = steps->len > 0 ? &g_array_index(steps, HilumStep, steps->len - 1) : NULL;
    if (!hilum_step_parse(words[w], takes ? words[w + 1] : NULL, w > 0 ? previous : NULL, &step, &joined,
                          error))
      return false;
    if (!joined) g_array_append_val(steps, step);
    w += takes ? 2 : 1;
  }
  return true;
}

static GArray *make_steps(const Fill *f, GError **error)
{
  const ProtocolStage *stage = &g_array_index(f->protocol->stages, ProtocolStage, f->stage);
  g_autoptr(GArray) steps = hilum_steps_new();
  g_autofree char *phase = g_strdup_printf("phase %zu", f->phase);
  if (!parse_line(phase, steps, error)) return NULL;
  for (guint n = 0; n < stage->lines->len; n++) {
    g_autofree char *line = fill_text(f, g_ptr_array_index(stage->lines, n), error);
    if (line == NULL || !parse_line(line, steps, error)) {
      g_prefix_error(error, "[stage %zu] step%u: ", f->stage + 1, n + 1);
      return NULL;
    }
  }
  return g_steal_pointer(&steps);
}

bool hilum_protocol_try(const HilumProtocol *protocol, GError **error)
{
  for (size_t n = 0; n < hilum_protocol_get_count(protocol); n++) {
    const Fill fill = {.protocol = protocol, .stage = n};
    g_autoptr(GArray) steps = make_steps(&fill, error);
    if (steps == NULL) return false;
  }
  return true;
}

GArray *hilum_protocol_make_steps(const HilumProtocol *protocol, size_t stage, const HilumProtocolRun *run,
                                  GError **error)
{
  g_return_val_if_fail(protocol != NULL && run != NULL, NULL);
  g_return_val_if_fail(stage < hilum_protocol_get_count(protocol), NULL);
  Fill fill = {.protocol = protocol, .run = run, .stage = stage};
  if (!hilum_protocol_find_phase(protocol, stage, run, &fill.phase, error)) return NULL;
  if (stage_at(protocol, stage)->click == HILUM_CLICK_REQUIRED && !need_click(&fill, stage, error))
    return NULL;
  return make_steps(&fill, error);
}
