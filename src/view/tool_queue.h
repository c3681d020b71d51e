/* One job at a time, then the newest request: a tool whose preview follows the hand asks whenever something
 * changed; while a job is in flight nothing is started, and when it is done the last word counts. Enter that
 * comes meanwhile applies what is asked for next. A value; all zero is a queue at rest. */
#pragma once

#include <stdbool.h>

typedef struct {
  bool running; /* a job is in flight */
  bool writes;  /* and writes what it computes */
  bool again;   /* asked for since it was made */
  bool apply;   /* and to be written */
} ToolQueue;

typedef enum { TOOL_NEXT_NOTHING, TOOL_NEXT_PREVIEW, TOOL_NEXT_APPLY } ToolNext;

/* True: make the job now, and say so by started(); false: it is remembered. */
static inline bool tool_queue_request(ToolQueue *queue, bool final)
{
  if (!queue->running) return true;
  queue->again = true;
  queue->apply |= final;
  return false;
}

/* The job that was made takes up all that was asked for before. */
static inline void tool_queue_started(ToolQueue *queue, bool writes)
{
  *queue = (ToolQueue){.running = true, .writes = writes};
}

/* The job came to its end, whatever that is: what to request next. */
static inline ToolNext tool_queue_finished(ToolQueue *queue)
{
  const ToolNext next = !queue->again  ? TOOL_NEXT_NOTHING
                        : queue->apply ? TOOL_NEXT_APPLY
                                       : TOOL_NEXT_PREVIEW;
  *queue = (ToolQueue){.running = false};
  return next;
}

/* What was asked for is not wanted any more; a job in flight goes on. */
static inline void tool_queue_forget(ToolQueue *queue)
{
  queue->again = queue->apply = false;
}
