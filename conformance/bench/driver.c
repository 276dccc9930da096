/* The stopwatch of the bench: runs the commands of a plan, arm after arm, round after round, and writes one line for
 * each arm of each round: row, arm, round, nanoseconds, peak memory in KiB. It is C, and small, because what it costs
 * itself is part of every measurement: a vfork-like spawn, a clock and a wait; and the peak memory of a child is never
 * below that of the process which spawned it.
 *
 * Must not judge: it stops at the first command that fails; medians and limits are scripts/bench.mjs's business.
 *
 *   driver PLAN ROUNDS WARM_UP OUTPUT
 *
 * A plan is lines of words. `row NAME` and `arm NAME` open a section; in an arm:
 *   once, before, time, after, last COMMAND...   run it before all rounds / in each round / timed / ... / at the end;
 *                                                the times of several `time` lines of one round are added up
 *   KIND @reap                                   wait until no child is left (the driver is a subreaper)
 *   time @pss FILE                               no time, but the proportional memory of the process FILE names
 * Steps of a round run in the order they are written. [man posix_spawn.3] [man wait4.2] [man proc_pid_smaps.5] */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARMS = 8, MAX_STEPS = 12, MAX_WORDS = 24 };
enum kind { ONCE, BEFORE, TIME, AFTER, LAST };
static const char *const KIND_NAMES[] = {"once", "before", "time", "after", "last"};

struct step { enum kind kind; char *words[MAX_WORDS]; };
struct arm { char *name; struct step steps[MAX_STEPS]; int step_count; };
struct row { char *name; struct arm arms[MAX_ARMS]; int arm_count; };
struct sample { long long ns; long kib; };

static const char *COMMAND_LOG = "/tmp/bench-stderr";
static posix_spawn_file_actions_t files;
static FILE *output;

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "driver: ");
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n");
  exit(1);
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* All children gone: the next step must not find a container that is still dying. */
static void reap_all(void) {
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
}

/* KiB of the `Pss:` line of the process whose id is in `pid_file`. */
static long read_pss(const char *pid_file) {
  char path[64], line[256];
  int pid = 0;
  long kib = -1;
  FILE *file = fopen(pid_file, "re");
  if (!file || fscanf(file, "%d", &pid) != 1) fail("no pid in %s", pid_file);
  fclose(file);
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
  file = fopen(path, "re");
  if (!file) fail("%s: %s", path, strerror(errno));
  while (kib < 0 && fgets(line, sizeof line, file)) sscanf(line, "Pss: %ld", &kib);
  fclose(file);
  if (kib < 0) fail("%s has no Pss line", path);
  return kib;
}

static void show_log(void) {
  char text[2048];
  int fd = open(COMMAND_LOG, O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text);
  if (size > 0) fwrite(text, 1, size, stderr);
  if (fd >= 0) close(fd);
}

static void run_command(const struct row *row, const struct arm *arm, const struct step *step, struct sample *sample) {
  static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", NULL};
  struct rusage usage;
  pid_t pid;
  int status;
  long long start = now();
  int error = posix_spawn(&pid, step->words[0], &files, NULL, step->words, environment);
  if (error) fail("%s, %s: %s: %s", row->name, arm->name, step->words[0], strerror(error));
  while (wait4(pid, &status, 0, &usage) < 0)
    if (errno != EINTR) fail("wait4: %s", strerror(errno));
  sample->ns += now() - start;
  if (usage.ru_maxrss > sample->kib) sample->kib = usage.ru_maxrss;
  if (status == 0) return;
  show_log();
  fprintf(stderr, "driver: command:");
  for (char *const *word = step->words; *word; word++) fprintf(stderr, " %s", *word);
  fprintf(stderr, "\n");
  fail("row %s, arm %s: wait status 0x%x", row->name, arm->name, status);
}

static void run_step(const struct row *row, const struct arm *arm, const struct step *step, struct sample *sample) {
  struct sample untimed = {0, 0};
  if (strcmp(step->words[0], "@reap") == 0) return reap_all();
  if (strcmp(step->words[0], "@pss") == 0) {
    sample->kib = read_pss(step->words[1]);
    return;
  }
  run_command(row, arm, step, step->kind == TIME ? sample : &untimed);
}

static void run_kind(const struct row *row, enum kind kind) {
  struct sample untimed = {0, 0};
  for (int a = 0; a < row->arm_count; a++)
    for (int s = 0; s < row->arms[a].step_count; s++)
      if (row->arms[a].steps[s].kind == kind) run_step(row, &row->arms[a], &row->arms[a].steps[s], &untimed);
}

/* Each round has an order of its own: an arm that always ran after the same other would have that one's caches, and one
 * after a large program none at all. The same numbers in each bench. [man rand.3] */
static void shuffle(int *order, int count) {
  static unsigned seed = 1;
  for (int i = 0; i < count; i++) order[i] = i;
  for (int i = count - 1; i > 0; i--) {
    int other = rand_r(&seed) % (i + 1), kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
}

static void run_round(const struct row *row, int round) {
  int order[MAX_ARMS];
  shuffle(order, row->arm_count);
  for (int turn = 0; turn < row->arm_count; turn++) {
    const struct arm *arm = &row->arms[order[turn]];
    struct sample sample = {0, 0};
    for (int s = 0; s < arm->step_count; s++)
      if (arm->steps[s].kind != ONCE && arm->steps[s].kind != LAST) run_step(row, arm, &arm->steps[s], &sample);
    if (round >= 0) fprintf(output, "%s\t%s\t%d\t%lld\t%ld\n", row->name, arm->name, round, sample.ns, sample.kib);
    /* What a runtime left to the subreaper: not while the clock runs. */
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
  }
}

static void run_row(const struct row *row, int rounds, int warm_up) {
  run_kind(row, ONCE);
  for (int round = -warm_up; round < rounds; round++) run_round(row, round);
  run_kind(row, LAST);
  reap_all();
  fprintf(stderr, "bench: %s done\n", row->name);
}

static struct step *add_step(struct row *row, const char *kind_name, int line_number) {
  for (enum kind kind = ONCE; kind <= LAST; kind++) {
    if (strcmp(kind_name, KIND_NAMES[kind]) != 0) continue;
    struct arm *arm = &row->arms[row->arm_count - 1];
    if (row->arm_count == 0 || arm->step_count == MAX_STEPS) fail("plan line %d: no arm, or too many steps", line_number);
    arm->steps[arm->step_count].kind = kind;
    return &arm->steps[arm->step_count++];
  }
  fail("plan line %d: unknown word %s", line_number, kind_name);
  return NULL;
}

static void read_words(struct step *step, char **rest, int line_number) {
  int count = 0;
  for (char *word; (word = strtok_r(NULL, " \n", rest));) {
    if (count == MAX_WORDS - 1) fail("plan line %d: too many words", line_number);
    step->words[count++] = strdup(word);
  }
  if (count == 0) fail("plan line %d: no command", line_number);
}

static void run_plan(FILE *plan, int rounds, int warm_up) {
  static struct row row;
  char line[4096];
  for (int number = 1; fgets(line, sizeof line, plan); number++) {
    char *rest = NULL, *word = strtok_r(line, " \n", &rest);
    if (!word) continue;
    if (strcmp(word, "row") == 0) {
      if (row.name) run_row(&row, rounds, warm_up);
      memset(&row, 0, sizeof row);
      row.name = strdup(strtok_r(NULL, " \n", &rest));
    } else if (strcmp(word, "arm") == 0) {
      if (row.arm_count == MAX_ARMS) fail("plan line %d: too many arms", number);
      row.arms[row.arm_count++].name = strdup(strtok_r(NULL, " \n", &rest));
    } else {
      read_words(add_step(&row, word, number), &rest, number);
    }
  }
  if (row.name) run_row(&row, rounds, warm_up);
}

int main(int argc, char **argv) {
  if (argc != 5) fail("usage: driver PLAN ROUNDS WARM_UP OUTPUT");
  FILE *plan = fopen(argv[1], "re");
  output = fopen(argv[4], "we");
  if (!plan || !output) fail("cannot open %s or %s", argv[1], argv[4]);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) fail("prctl: %s", strerror(errno));
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, 2, COMMAND_LOG, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  run_plan(plan, atoi(argv[2]), atoi(argv[3]));
  return fclose(output) ? 1 : 0;
}
