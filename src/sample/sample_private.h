/* Shared inside the sample module only. */
#pragma once

#include "hilum/phantom/phantom.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

/* Writes truth.json into `dir`: the options, the phases, and per structure what a measurement of the truth
 * must find. */
bool hilum_sample_write_truth(const char *dir, const HilumPhantom *phantom,
                              const HilumPhantomOptions *options, HilumLabelSnapshot *truth,
                              const HilumProgress *progress, GError **error);

/* Folder of a phase inside the sample: "arterial". */
const char *hilum_sample_phase_folder(HilumPhantomPhase phase);

G_END_DECLS
