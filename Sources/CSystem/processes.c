#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

// The kernel kills a child when the *thread* that forked it ends, and threads of a pool come and
// go. So one thread that never ends forks all children.
struct request {
  char *const *arguments;
  char *const *environment;
  int output;
  int errors;
  int result;
  int is_done;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct request *waiting;
static int has_keeper;

// In the child: only calls that are safe between fork and exec.
static void become(const struct request *request, pid_t parent, int report) {
  sigset_t none;
  int problem;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0 || dup2(input, 0) < 0 || dup2(request->output, 1) < 0 ||
      dup2(request->errors, 2) < 0) {
    problem = errno;
  } else {
    execve(request->arguments[0], request->arguments,
           request->environment != NULL ? request->environment : environ);
    problem = errno;
  }
  (void)!write(report, &problem, sizeof problem);
  _exit(127);
}

static int start(const struct request *request) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -errno;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(request, parent, report[1]);
  int problem = child < 0 ? errno : 0;
  close(report[1]);
  if (child > 0) {
    int told = 0;
    ssize_t count;
    do {
      count = read(report[0], &told, sizeof told);
    } while (count < 0 && errno == EINTR);
    if (count == (ssize_t)sizeof told) problem = told;
  }
  close(report[0]);
  return problem != 0 ? -problem : child;
}

static void *keep(void *unused) {
  (void)unused;
  pthread_mutex_lock(&lock);
  for (;;) {
    while (waiting == NULL || waiting->is_done) pthread_cond_wait(&changed, &lock);
    waiting->result = start(waiting);
    waiting->is_done = 1;
    pthread_cond_broadcast(&changed);
  }
  return NULL;
}

static int make_keeper(void) {
  pthread_t thread;
  int problem = has_keeper ? 0 : pthread_create(&thread, NULL, keep, NULL);
  if (problem == 0 && !has_keeper) {
    pthread_detach(thread);
    has_keeper = 1;
  }
  return problem;
}

int lockstep_spawn(char *const arguments[], char *const environment[], int output, int errors) {
  struct request request = {arguments, environment, output, errors, 0, 0};
  pthread_mutex_lock(&lock);
  int problem = make_keeper();
  if (problem == 0) {
    while (waiting != NULL) pthread_cond_wait(&changed, &lock);
    waiting = &request;
    pthread_cond_broadcast(&changed);
    while (!request.is_done) pthread_cond_wait(&changed, &lock);
    waiting = NULL;
    pthread_cond_broadcast(&changed);
  }
  pthread_mutex_unlock(&lock);
  return problem != 0 ? -problem : request.result;
}
