/* Protocols: the structures of a kidney in order, each with the phase to look at, what to click, the steps to
 * take and what to expect (docs/recipes.md). The window's guide leads through one; `hilum-cli guide` runs it
 * headless. A protocol is immutable once loaded and may be read by any thread. */
#pragma once

#include "hilum/segment/step.h"

G_BEGIN_DECLS

typedef struct HilumProtocol HilumProtocol;

typedef enum {
  HILUM_CLICK_NONE,     /* the stage needs no point */
  HILUM_CLICK_OPTIONAL, /* without a point the stage is left out: not every kidney has a cyst */
  HILUM_CLICK_REQUIRED
} HilumClickNeed;

/* Borrowed from the protocol. Texts are never NULL. */
typedef struct {
  const char *structure;     /* name of the structure that the stage makes */
  const char *const *phases; /* kinds in order of preference ("nephrographic", ..., "any"), ended by NULL */
  const char *title, *prompt, *note; /* for the user; title: the structure if there is none */
  HilumClickNeed click;
  bool has_expected;
  double least_ml, most_ml; /* plausible volume: outside it the user is asked to look again */
} HilumStage;

/* HILUM_SEGMENT_ERROR_SYNTAX, or what GIO says of a file that cannot be read; names file and group. Every
 * step is parsed (with stand-ins for what only the images can say), so that a protocol that loads runs. */
HilumProtocol *hilum_protocol_load(const char *path, GError **error);
HilumProtocol *hilum_protocol_new_from_data(const char *data, gsize length, GError **error);
/* Those that come with the program: "ct-three-phases", "ct-two-phases", "ct-one-phase", "mr"; ended by NULL.
 */
const char *const *hilum_protocol_list_builtin(void);
HilumProtocol *hilum_protocol_load_builtin(const char *id, GError **error);
void hilum_protocol_free(HilumProtocol *protocol);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumProtocol, hilum_protocol_free)

const char *hilum_protocol_get_name(const HilumProtocol *protocol);
const char *hilum_protocol_get_version(const HilumProtocol *protocol);
const char *hilum_protocol_get_note(const HilumProtocol *protocol);
size_t hilum_protocol_get_count(const HilumProtocol *protocol);
const HilumStage *hilum_protocol_get_stage(const HilumProtocol *protocol, size_t index);

/* What a protocol is run on. Arrays have an entry a phase (volumes, kinds) or a stage (clicks). */
typedef struct {
  HilumVolume *const *volumes; /* as in HilumStepContext; NULL where images are missing */
  const char *const *kinds;    /* "arterial" ... or "" */
  size_t n_phases;
  const HilumVec3 *clicks_mm;
  const bool *clicked;
} HilumProtocolRun;

/* Index of the phase that a stage reads: the first of its kinds that the case has images of; "any" is the
 * first phase with images. HILUM_SEGMENT_ERROR_INVALID, saying which kinds are wanted, if there is none. */
bool hilum_protocol_find_phase(const HilumProtocol *protocol, size_t stage, const HilumProtocolRun *run,
                               size_t *phase, GError **error);
/* The steps of a stage with everything filled in, beginning with its phase: a GArray of HilumStep with clear
 * function, for hilum_steps_run(). HILUM_SEGMENT_ERROR_SEED if a click that is needed was not given, or lies
 * outside the images. */
GArray *hilum_protocol_make_steps(const HilumProtocol *protocol, size_t stage, const HilumProtocolRun *run,
                                  GError **error);

G_END_DECLS
