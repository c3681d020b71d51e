/* Whose images these are: name, id, date, phase and side, always in sight. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_PATIENT_BANNER hilum_patient_banner_get_type()
G_DECLARE_FINAL_TYPE(HilumPatientBanner, hilum_patient_banner, HILUM, PATIENT_BANNER, GtkWidget)

/* Reads it anew; the window calls this when case, patient, side or phase changed. */
void hilum_patient_banner_update(HilumPatientBanner *self, HilumWorkspace *workspace);

G_END_DECLS
