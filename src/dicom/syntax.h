/* What is known about each transfer syntax: how bytes are laid out and whether the pixels can be decoded. */
#pragma once

#include <stdbool.h>

typedef enum {
  HILUM_CODING_NATIVE,      /* plain pixels */
  HILUM_CODING_DECODED,     /* compressed, decoded through DCMTK */
  HILUM_CODING_JPEG2000,    /* compressed, decoded through OpenJPEG */
  HILUM_CODING_UNSUPPORTED, /* named and declined */
} HilumCoding;

typedef struct {
  const char *uid;
  const char *name;
  HilumCoding coding;
  bool implicit_vr, big_endian, deflated;
  bool lossy; /* always loses information */
} HilumSyntax;

/* Never NULL: an unknown UID gives an unsupported entry that is called "an unknown transfer syntax". */
const HilumSyntax *hilum_syntax_find(const char *uid);
