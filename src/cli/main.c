/* hilum-cli: everything the window can compute, without a display. This file finds the verb, reads its
 * arguments, and turns an error into one line and an exit status; docs/cli.md has the contract. */
#include "cli.h"

#include "hilum/base/parallel.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const CliVerb *const verbs[] = {
    &cli_verb_scan,   &cli_verb_demo,    &cli_verb_load,   &cli_verb_register, &cli_verb_segment,
    &cli_verb_mesh,   &cli_verb_measure, &cli_verb_export, &cli_verb_exports,  &cli_verb_check,
    &cli_verb_render, &cli_verb_volume,  &cli_verb_labels, &cli_verb_guide,    &cli_verb_seeds,
    &cli_verb_smooth, &cli_verb_split,   &cli_verb_section};

static GCancellable *cancellable;

static void on_interrupt(int signal_number)
{
  /* A second Ctrl+C ends the program the ordinary way. g_cancellable_cancel() is not async-signal-safe as
   * such, but with no callbacks connected it is an atomic store and an eventfd that nobody has asked for;
   * exports and cases are atomic either way. */
  signal(signal_number, SIG_DFL);
  g_cancellable_cancel(cancellable);
}

static void show_progress(double fraction, const char *what, void *data)
{
  static gint shown = -1;
  gint percent = (gint)(fraction * 100);
  if (g_atomic_int_exchange(&shown, percent) != percent)
    fprintf(stderr, "\r\033[K%3d %%  %s", percent, what ? what : "");
}

static char *dup_usage(const CliVerb *verb)
{
  g_autofree char *more = verb->dup_more_usage ? verb->dup_more_usage() : NULL;
  return g_strdup_printf("hilum-cli %s%s", verb->usage, more ? more : "");
}

static void print_help(FILE *out)
{
  fputs("hilum-cli: kidney surface models from CT and MR, without a display.\nPlanning aid. Not for "
        "diagnosis.\n\n",
        out);
  for (size_t n = 0; n < G_N_ELEMENTS(verbs); n++) {
    g_autofree char *usage = dup_usage(verbs[n]);
    fprintf(out, "  %s\n      %s\n", usage, verbs[n]->summary);
  }
  fputs("\nEvery verb takes --json (one JSON object on standard output) and --threads N.\n"
        "Points are LPS millimetres. Exit status: 0 done, 1 the input is at fault, 2 wrong usage.\n",
        out);
}

static const CliOptionSpec *find_option(const CliVerb *verb, const char *name, size_t length)
{
  static const CliOptionSpec common[] = {{"json", false}, {"threads", true}, {"help", false}};
  for (size_t n = 0; n < G_N_ELEMENTS(common); n++)
    if (strncmp(common[n].name, name, length) == 0 && common[n].name[length] == '\0') return &common[n];
  const CliOptionSpec *own = verb->list_options ? verb->list_options() : verb->options;
  for (const CliOptionSpec *o = own; o && o->name; o++)
    if (strncmp(o->name, name, length) == 0 && o->name[length] == '\0') return o;
  return NULL;
}

static bool parse_arguments(const CliVerb *verb, int argc, char **argv, CliArgs *args, GError **error)
{
  bool only_positional = false;
  for (int n = 0; n < argc; n++) {
    const char *word = argv[n];
    if (only_positional || strncmp(word, "--", 2) != 0) {
      g_ptr_array_add(args->positional, argv[n]);
      continue;
    }
    if (word[2] == '\0') {
      only_positional = true;
      continue;
    }
    const char *name = word + 2, *equals = strchr(name, '=');
    const CliOptionSpec *spec = find_option(verb, name, equals ? (size_t)(equals - name) : strlen(name));
    if (!spec) {
      g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "there is no option '%s'", word);
      return false;
    }
    CliOption option = {spec->name, NULL};
    if (equals)
      option.value = equals + 1;
    else if (spec->has_value && n + 1 < argc)
      option.value = argv[++n];
    if (spec->has_value != (option.value != NULL)) {
      g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "--%s %s", spec->name,
                  spec->has_value ? "wants a value" : "takes no value");
      return false;
    }
    if (strcmp(spec->name, "json") == 0) args->json = true;
    g_array_append_val(args->options, option);
  }
  gint64 threads;
  if (!cli_args_get_int(args, "threads", 0, 1024, 0, &threads, error)) return false;
  if (threads > 0) hilum_parallel_set_threads((unsigned)threads);
  return true;
}

static bool run_verb(const CliVerb *verb, int argc, char **argv, GError **error)
{
  CliArgs args = {.options = g_array_new(FALSE, FALSE, sizeof(CliOption)), .positional = g_ptr_array_new()};
  cancellable = g_cancellable_new();
  args.progress.cancellable = cancellable;
  bool terminal = isatty(STDERR_FILENO);
  if (terminal) args.progress.func = show_progress;
  signal(SIGINT, on_interrupt);

  bool good = parse_arguments(verb, argc, argv, &args, error);
  if (good && cli_args_has(&args, "help")) {
    g_autofree char *usage = dup_usage(verb);
    printf("%s\n    %s\n", usage, verb->summary);
  } else if (good)
    good = verb->run(&args, error);
  if (terminal) fputs("\r\033[K", stderr);
  g_array_unref(args.options);
  g_ptr_array_unref(args.positional);
  g_clear_object(&cancellable);
  return good;
}

int main(int argc, char **argv)
{
  setlocale(LC_ALL, "");
  if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
    puts("hilum-cli " HILUM_VERSION);
    return 0;
  }
  if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
    print_help(stdout);
    return 0;
  }
  const CliVerb *verb = NULL;
  for (size_t n = 0; argc >= 2 && n < G_N_ELEMENTS(verbs); n++)
    if (strcmp(verbs[n]->name, argv[1]) == 0) verb = verbs[n];
  if (!verb) {
    if (argc >= 2)
      fprintf(stderr, "hilum-cli: there is no verb '%s'; hilum-cli --help lists them\n", argv[1]);
    else
      print_help(stderr);
    return 2;
  }

  g_autoptr(GError) error = NULL;
  if (run_verb(verb, argc - 2, argv + 2, &error)) {
    if (fflush(stdout) == 0) return 0;
    fputs("hilum-cli: standard output could not be written\n", stderr);
    return 1;
  }
  bool usage = g_error_matches(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE);
  g_strdelimit(error->message, "\r\n", ' ');
  fprintf(stderr, "hilum-cli %s: %s\n", verb->name, error->message);
  if (usage) {
    g_autofree char *text = dup_usage(verb);
    fprintf(stderr, "usage: %s\n", text);
  }
  return usage ? 2 : 1;
}
