/* Transfer syntaxes (PS3.5 annex A). */
#include "syntax.h"

#include <string.h>

static const HilumSyntax SYNTAXES[] = {
    {"1.2.840.10008.1.2", "implicit little endian", HILUM_CODING_NATIVE, true, false, false, false},
    {"1.2.840.10008.1.2.1", "explicit little endian", HILUM_CODING_NATIVE, false, false, false, false},
    {"1.2.840.10008.1.2.2", "explicit big endian", HILUM_CODING_NATIVE, false, true, false, false},
    {"1.2.840.10008.1.2.1.99", "deflated", HILUM_CODING_NATIVE, false, false, true, false},
    {"1.2.840.10008.1.2.5", "RLE", HILUM_CODING_DECODED, false, false, false, false},
    {"1.2.840.10008.1.2.4.50", "JPEG baseline", HILUM_CODING_DECODED, false, false, false, true},
    {"1.2.840.10008.1.2.4.51", "JPEG extended", HILUM_CODING_DECODED, false, false, false, true},
    {"1.2.840.10008.1.2.4.53", "JPEG spectral selection", HILUM_CODING_DECODED, false, false, false, true},
    {"1.2.840.10008.1.2.4.55", "JPEG progressive", HILUM_CODING_DECODED, false, false, false, true},
    {"1.2.840.10008.1.2.4.57", "JPEG lossless", HILUM_CODING_DECODED, false, false, false, false},
    {"1.2.840.10008.1.2.4.70", "JPEG lossless SV1", HILUM_CODING_DECODED, false, false, false, false},
    {"1.2.840.10008.1.2.4.80", "JPEG-LS lossless", HILUM_CODING_DECODED, false, false, false, false},
    {"1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless", HILUM_CODING_DECODED, false, false, false, true},
    {"1.2.840.10008.1.2.4.90", "JPEG 2000 lossless", HILUM_CODING_JPEG2000, false, false, false, false},
    {"1.2.840.10008.1.2.4.91", "JPEG 2000", HILUM_CODING_JPEG2000, false, false, false, true},
    {"1.2.840.10008.1.2.4.92", "JPEG 2000 multi-component lossless", HILUM_CODING_UNSUPPORTED, false, false,
     false, false},
    {"1.2.840.10008.1.2.4.93", "JPEG 2000 multi-component", HILUM_CODING_UNSUPPORTED, false, false, false,
     true},
    {"1.2.840.10008.1.2.4.100", "MPEG-2", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.101", "MPEG-2 high level", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.102", "MPEG-4", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.103", "MPEG-4 for Blu-ray", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.104", "MPEG-4 for 2D", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.105", "MPEG-4 for 3D", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.106", "MPEG-4 stereo", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.107", "HEVC", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.108", "HEVC main 10", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.110", "JPEG XL lossless", HILUM_CODING_UNSUPPORTED, false, false, false, false},
    {"1.2.840.10008.1.2.4.111", "JPEG XL recompression", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.112", "JPEG XL", HILUM_CODING_UNSUPPORTED, false, false, false, true},
    {"1.2.840.10008.1.2.4.201", "HTJ2K lossless", HILUM_CODING_JPEG2000, false, false, false, false},
    {"1.2.840.10008.1.2.4.202", "HTJ2K lossless RPCL", HILUM_CODING_JPEG2000, false, false, false, false},
    {"1.2.840.10008.1.2.4.203", "HTJ2K", HILUM_CODING_JPEG2000, false, false, false, true},
};
static const HilumSyntax UNKNOWN = {
    "", "an unknown transfer syntax", HILUM_CODING_UNSUPPORTED, false, false, false, false};

const HilumSyntax *hilum_syntax_find(const char *uid)
{
  if (uid)
    for (size_t i = 0; i < sizeof SYNTAXES / sizeof *SYNTAXES; i++)
      if (strcmp(SYNTAXES[i].uid, uid) == 0) return &SYNTAXES[i];
  return &UNKNOWN;
}
