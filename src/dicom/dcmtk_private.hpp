/* Shared by the dcmtk_*.cpp files only. */
#pragma once

#include "dcmtk_bridge.h"

#include "hilum/dicom/error.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

/* Silences the log, registers the decoders, makes sure of a dictionary: once, whichever thread comes first.
 */
void hilum_dcmtk_init();

/* Parses data-set bytes into `dataset`. */
OFCondition hilum_dcmtk_parse(DcmDataset &dataset, const HilumDcmtkBytes &bytes, E_TransferSyntax syntax);

/* Sets `error` from a status. */
void hilum_dcmtk_set_error(GError **error, HilumDicomError code, const char *what, const OFCondition &status);
