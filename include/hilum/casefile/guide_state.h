/* Where the guide is, as a line of text that is kept in a case. */
#pragma once

#include "hilum/segment/protocol.h"

G_BEGIN_DECLS

typedef struct {
  char *name; /* of a protocol that comes with the program */
  size_t stage;
  HilumVec3 *clicks_mm; /* an entry a stage of the protocol */
  bool *clicked;
} HilumGuideState;

void hilum_guide_state_clear(HilumGuideState *state);
/* `count`: stages. g_free(). */
char *hilum_guide_state_dup_text(const HilumGuideState *state, size_t count);
/* The text may come from anywhere: everything is checked, and false with nothing made if anything is odd. The
 * caller gets the protocol. */
bool hilum_guide_state_parse(const char *text, HilumGuideState *state, HilumProtocol **protocol);

G_END_DECLS
