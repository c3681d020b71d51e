/* Filling in the truth report. */
#pragma once

#include "truth_private.h"

bool hilum_report_fill(const HilumAbdomen *abdomen, const HilumGrid *grid, HilumLabelSnapshot *labels,
                       HilumPhantomTruth *report, const HilumProgress *progress, GError **error);
