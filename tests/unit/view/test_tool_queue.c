/* The queue of a tool against a plain model that keeps a list of all that was asked for: every order of six
 * events. */
#include "tool_queue.h"

#include <glib.h>
#include <string.h>

typedef enum {
  ASK,     /* a setting changed */
  ENTER,   /* to be written */
  IN_VAIN, /* a setting changed, but there turns out to be nothing to do */
  DONE,    /* the job in flight ended; nothing happens without one */
  FORGET,  /* cancelled */
  EVENTS
} Event;

/* What was asked for since the job in flight was made, one by one. */
typedef struct {
  bool running, writes;
  int n_asked, n_enters;
  int begun, written; /* jobs, and those of them that write */
} Model;

/* The tool, as tool.c drives the queue. */
typedef struct {
  ToolQueue queue;
  int begun, written;
} Tool;

static void begin(Tool *tool, bool final)
{
  g_assert_false(tool->queue.running); /* one at a time */
  tool_queue_started(&tool->queue, final);
  tool->begun++;
  tool->written += final;
}

static void request(Tool *tool, bool final, bool in_vain)
{
  if (tool_queue_request(&tool->queue, final) && !in_vain) begin(tool, final);
}

static void drive(Tool *tool, Event event)
{
  if (event == DONE && tool->queue.running) {
    const ToolNext next = tool_queue_finished(&tool->queue);
    g_assert_false(tool->queue.running || tool->queue.again || tool->queue.apply);
    if (next != TOOL_NEXT_NOTHING) request(tool, next == TOOL_NEXT_APPLY, false);
  } else if (event == FORGET)
    tool_queue_forget(&tool->queue);
  else if (event != DONE)
    request(tool, event == ENTER, event == IN_VAIN);
}

static void model_begin(Model *m, bool final)
{
  *m = (Model){.running = true, .writes = final, .begun = m->begun + 1, .written = m->written + final};
}

static void expect(Model *m, Event event)
{
  const bool asked = m->n_asked > 0, final = m->n_enters > 0;
  switch (event) {
  case ASK:
  case ENTER:
  case IN_VAIN:
    if (m->running) {
      m->n_asked++;
      m->n_enters += event == ENTER;
    } else if (event != IN_VAIN)
      model_begin(m, event == ENTER);
    break;
  case DONE:
    if (!m->running) break;
    m->running = m->writes = false;
    m->n_asked = m->n_enters = 0;
    if (asked) model_begin(m, final);
    break;
  case FORGET:
    m->n_asked = m->n_enters = 0;
    break;
  case EVENTS:
    break;
  }
}

static void check(const Tool *tool, const Model *m)
{
  g_assert_cmpint(tool->queue.running, ==, m->running);
  g_assert_cmpint(tool->queue.writes, ==, m->writes);
  g_assert_cmpint(tool->queue.again, ==, m->n_asked > 0);
  g_assert_cmpint(tool->queue.apply, ==, m->n_enters > 0);
  g_assert_cmpint(tool->begun, ==, m->begun);
  g_assert_cmpint(tool->written, ==, m->written);
}

static void test_all_orders(void)
{
  enum { LENGTH = 6 };
  int orders = 1, met = 0;
  for (int n = 0; n < LENGTH; n++)
    orders *= EVENTS;
  for (int order = 0; order < orders; order++) { /* shorter ones are the beginnings of these */
    Tool tool = {.begun = 0};
    Model model = {.begun = 0};
    for (int n = 0, rest = order; n < LENGTH; n++, rest /= EVENTS) {
      drive(&tool, (Event)(rest % EVENTS));
      expect(&model, (Event)(rest % EVENTS));
      check(&tool, &model);
    }
    met += model.written > 1;
  }
  g_assert_cmpint(met, >, 100); /* the orders do get somewhere */
}

/* Whatever came before: Enter during a job is written by the next one, and only once. */
static void test_enter_is_kept(void)
{
  for (int asked_before = 0; asked_before < 3; asked_before++)
    for (int asked_after = 0; asked_after < 3; asked_after++) {
      Tool tool = {.begun = 0};
      drive(&tool, ASK);
      for (int n = 0; n < asked_before; n++)
        drive(&tool, ASK);
      drive(&tool, ENTER);
      for (int n = 0; n < asked_after; n++)
        drive(&tool, ASK);
      drive(&tool, DONE);
      g_assert_true(tool.queue.running && tool.queue.writes);
      drive(&tool, DONE);
      g_assert_false(tool.queue.running);
      g_assert_cmpint(tool.begun, ==, 2);
      g_assert_cmpint(tool.written, ==, 1);
    }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/tool-queue/all-orders", test_all_orders);
  g_test_add_func("/view/tool-queue/enter-is-kept", test_enter_is_kept);
  return g_test_run();
}
