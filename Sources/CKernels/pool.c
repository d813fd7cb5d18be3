// A team of workers runs one loop at a time; a pool has as many teams as loops ran at once.
//
// A loop is open while its caller works on it. Workers enter an open loop, run its body, and leave; the caller runs the
// body, closes the loop, and waits for those inside only. A worker that wakes up too late finds the loop closed, so
// nobody waits for a sleeper.
#define _GNU_SOURCE
#include "CKPool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define PAUSE() _mm_pause()
#else
#define PAUSE() atomic_signal_fence(memory_order_seq_cst)
#endif

// The entrance: the loop's number, whether it is open, and how many workers are inside.
enum { INSIDE = 1, OPEN = 1 << 16 };
#define NUMBER ((uint64_t)1 << 17)
#define INSIDE_MASK ((uint64_t)OPEN - 1)

// Looks at the entrance before falling asleep: some tens of microseconds, about what waking up costs.
enum { LOOKS = 2000, MOST_WORKERS = 1024 };

typedef struct ck_team {
  _Atomic uint64_t entrance;
  _Alignas(64) atomic_bool is_ending;
  _Atomic int sleepers;
  void (*body)(void *);
  void *context;
  pthread_mutex_t mutex;
  pthread_cond_t opened;
  struct ck_team *next;  // of those that run no loop
  ptrdiff_t workers;
  pthread_t threads[];
} ck_team;

struct ck_pool {
  pthread_mutex_t mutex;
  ck_team *idle;
  ptrdiff_t workers;
};

// True if there is an open loop that is not that of `seen`.
static bool is_awaited(uint64_t entrance, uint64_t seen) { return (entrance & OPEN) && entrance / NUMBER != seen; }

// Waits for a loop that is open and not that of `seen`; false when the team ends.
static bool wait_for_loop(ck_team *team, uint64_t seen) {
  for (int look = 0; look < LOOKS; look++) {
    const uint64_t entrance = atomic_load_explicit(&team->entrance, memory_order_acquire);
    if (atomic_load_explicit(&team->is_ending, memory_order_relaxed)) return false;
    if (is_awaited(entrance, seen)) return true;
    PAUSE();
  }
  pthread_mutex_lock(&team->mutex);
  // Either this thread sees the loop that is opened now, or whoever opens it sees the sleeper.
  atomic_fetch_add(&team->sleepers, 1);
  while (!atomic_load(&team->is_ending) && !is_awaited(atomic_load(&team->entrance), seen))
    pthread_cond_wait(&team->opened, &team->mutex);
  const bool is_ending = atomic_load(&team->is_ending);
  atomic_fetch_sub(&team->sleepers, 1);
  pthread_mutex_unlock(&team->mutex);
  return !is_ending;
}

static void *work(void *argument) {
  ck_team *team = argument;
  uint64_t seen = 0;
  while (wait_for_loop(team, seen)) {
    uint64_t entrance = atomic_load(&team->entrance);
    while (is_awaited(entrance, seen)) {
      if (!atomic_compare_exchange_weak(&team->entrance, &entrance, entrance + INSIDE)) continue;
      seen = entrance / NUMBER;
      team->body(team->context);
      atomic_fetch_sub_explicit(&team->entrance, INSIDE, memory_order_release);
    }
  }
  return NULL;
}

static ck_team *make_team(ptrdiff_t workers) {
  const size_t size = sizeof(ck_team) + (size_t)workers * sizeof(pthread_t);
  ck_team *team = aligned_alloc(64, (size + 63) / 64 * 64);
  if (!team) return NULL;
  *team = (ck_team){.workers = 0};
  pthread_mutex_init(&team->mutex, NULL);
  pthread_cond_init(&team->opened, NULL);
  // Signals are the business of the threads that were there before.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (team->workers < workers && pthread_create(&team->threads[team->workers], NULL, work, team) == 0)
    team->workers++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return team;
}

static void free_team(ck_team *team) {
  pthread_mutex_lock(&team->mutex);
  atomic_store(&team->is_ending, true);
  pthread_cond_broadcast(&team->opened);
  pthread_mutex_unlock(&team->mutex);
  for (ptrdiff_t index = 0; index < team->workers; index++) pthread_join(team->threads[index], NULL);
  pthread_cond_destroy(&team->opened);
  pthread_mutex_destroy(&team->mutex);
  free(team);
}

static void run_loop(ck_team *team, void (*body)(void *context), void *context) {
  team->body = body;
  team->context = context;
  // Nobody is inside, and the loop before is closed.
  const uint64_t number = atomic_load_explicit(&team->entrance, memory_order_relaxed) / NUMBER + 1;
  atomic_store(&team->entrance, number * NUMBER + OPEN);
  if (atomic_load(&team->sleepers) > 0) {
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->opened);
    pthread_mutex_unlock(&team->mutex);
  }
  body(context);
  uint64_t entrance = atomic_fetch_and(&team->entrance, ~(uint64_t)OPEN);
  for (int look = 0; entrance & INSIDE_MASK; look++) {
    if (look < LOOKS) {
      PAUSE();
    } else {
      // The processor may be wanted by the very worker that is waited for.
      sched_yield();
    }
    entrance = atomic_load_explicit(&team->entrance, memory_order_acquire);
  }
}

ptrdiff_t ck_processor_count(void) {
  // Of machines with more than 1024 processors, the set does not tell; all of them, then.
  cpu_set_t set;
  const long count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count;
}

ck_pool *ck_pool_make(ptrdiff_t workers) {
  ck_pool *pool = malloc(sizeof(ck_pool));
  if (!pool) return NULL;
  *pool = (ck_pool){.workers = workers < MOST_WORKERS ? workers : MOST_WORKERS};
  pthread_mutex_init(&pool->mutex, NULL);
  return pool;
}

void ck_pool_free(ck_pool *pool) {
  while (pool->idle) {
    ck_team *team = pool->idle;
    pool->idle = team->next;
    free_team(team);
  }
  pthread_mutex_destroy(&pool->mutex);
  free(pool);
}

void ck_pool_run(ck_pool *pool, void (*body)(void *context), void *context) {
  pthread_mutex_lock(&pool->mutex);
  ck_team *team = pool->idle;
  if (team) pool->idle = team->next;
  pthread_mutex_unlock(&pool->mutex);
  if (!team) team = make_team(pool->workers);
  if (!team) {
    body(context);
    return;
  }
  run_loop(team, body, context);
  pthread_mutex_lock(&pool->mutex);
  team->next = pool->idle;
  pool->idle = team;
  pthread_mutex_unlock(&pool->mutex);
}
