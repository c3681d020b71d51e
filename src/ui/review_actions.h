/* Actions on the numbers of the review: "copy-numbers", "export-numbers" (asks), "export-numbers-to" (path).
 */
#pragma once

#include "window.h"

G_BEGIN_DECLS

void hilum_review_actions_add(HilumWindow *self);
/* Enabled while the numbers shown are current. */
void hilum_review_actions_update(HilumWindow *self);

G_END_DECLS
