/* Shared by protocol.c and protocol_fill.c. */
#pragma once

#include "hilum/segment/protocol.h"
#include "step_private.h"

typedef struct {
  HilumStage shown; /* borrows from what follows */
  char *structure, *title, *prompt, *note;
  char **phases;
  GPtrArray *lines; /* char *: one step each, with its options, as written */
} ProtocolStage;

struct HilumProtocol {
  char *name, *version, *note;
  GArray *stages; /* ProtocolStage */
};

/* Parses every step with stand-ins for clicks and values. */
bool hilum_protocol_try(const HilumProtocol *protocol, GError **error);
