/* Shared by window.c and the window_*_actions.c files. */
#pragma once

#include "aligner.h"
#include "case_panel.h"
#include "colorings.h"
#include "cuts.h"
#include "empty_page.h"
#include "four_up.h"
#include "guide_session.h"
#include "history_panel.h"
#include "message_bar.h"
#include "model_panel.h"
#include "patient_banner.h"
#include "review_panel.h"
#include "status_bar.h"
#include "surface_checks.h"
#include "surfaces.h"
#include "tool_panel.h"
#include "window.h"

G_BEGIN_DECLS

typedef struct HilumCoarseView HilumCoarseView; /* window_coarse.c */

struct _HilumWindow {
  GtkApplicationWindow parent_instance;
  GtkMenuButton *open_button, *menu_button;
  GtkWidget *undo_button, *redo_button;
  GtkLabel *undo_label;
  GtkMenuButton *history_button;
  HilumHistoryPanel *history_panel;
  HilumEmptyPage *empty_page;
  HilumPatientBanner *banner;
  GtkStack *pages, *task_pages;
  HilumCasePanel *case_panel;
  HilumFourUp *four_up;
  HilumToolPanel *tool_panel;
  HilumModelPanel *model_panel;
  HilumReviewPanel *review_panel;
  HilumStatusBar *status_bar, *empty_status_bar;
  HilumMessageBar *messages;

  GMenu *recent; /* section of the open menu */
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumColorings *colorings;
  HilumSurfaceChecks *checks;
  HilumCuts *cuts;
  HilumToolbox *toolbox;
  HilumGuideSession *guide;
  HilumSurfaces *surfaces;
  HilumAligner *aligner; /* NULL after dispose */
  HilumCase *the_case;
  HilumCoarseView *coarse; /* a study is loading and seen in place of the case; or NULL */
  guint update_id;
  bool saving;
  bool discards; /* the user said so, about this state of the history: */
  uint64_t discarded_state;
  bool close_now; /* the question was answered */
};

/* The case that can be acted on: not while a coarse volume is seen in its place. */
static inline HilumCase *hilum_window_get_shown_case(HilumWindow *self)
{
  return self->coarse ? NULL : self->the_case;
}
/* The workspace gets the case; what the user looked at in the coarse volume stays in view. */
void hilum_window_replace_coarse(HilumWindow *self, HilumCase *the_case);

/* At the end of the window. */
void hilum_window_drop_coarse(HilumWindow *self);

/* Each adds its actions to the window. */
void hilum_window_add_file_actions(HilumWindow *self);
void hilum_window_add_edit_actions(HilumWindow *self);
void hilum_window_add_view_actions(HilumWindow *self);
void hilum_window_add_phase_actions(HilumWindow *self);
/* Keys without a modifier, which must not reach into text fields. */
void hilum_window_add_keys(HilumWindow *self);
/* Enabled and checked as the state is. */
void hilum_window_update_edit_actions(HilumWindow *self);
void hilum_window_update_undo(HilumWindow *self);
void hilum_window_update_view_actions(HilumWindow *self);
void hilum_window_update_file_actions(HilumWindow *self);
void hilum_window_update_phase_actions(HilumWindow *self);
void hilum_window_fill_recent(HilumWindow *self);

static inline void hilum_window_enable(HilumWindow *self, const char *action, bool enabled)
{
  GAction *found = g_action_map_lookup_action(G_ACTION_MAP(self), action);
  if (found) g_simple_action_set_enabled(G_SIMPLE_ACTION(found), enabled);
}

static inline void hilum_window_set_state(HilumWindow *self, const char *action, GVariant *state)
{
  GAction *found = g_action_map_lookup_action(G_ACTION_MAP(self), action);
  g_variant_ref_sink(state);
  if (found) {
    g_autoptr(GVariant) old = g_action_get_state(found);
    if (!old || !g_variant_equal(old, state)) g_simple_action_set_state(G_SIMPLE_ACTION(found), state);
  }
  g_variant_unref(state);
}

G_END_DECLS
