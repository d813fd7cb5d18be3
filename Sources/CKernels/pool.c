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

struct ck_pool {
  _Atomic uint64_t entrance;
  _Alignas(64) atomic_bool is_ending;
  _Atomic int sleepers;
  void (*body)(void *);
  void *context;
  pthread_mutex_t mutex;
  pthread_cond_t opened;
  ptrdiff_t workers;
  pthread_t threads[];
};

// Waits for a loop that is open and not that of `seen`; false when the pool ends.
static bool wait_for_loop(ck_pool *pool, uint64_t seen) {
  for (int look = 0; look < LOOKS; look++) {
    const uint64_t entrance = atomic_load_explicit(&pool->entrance, memory_order_acquire);
    if (atomic_load_explicit(&pool->is_ending, memory_order_relaxed)) return false;
    if ((entrance & OPEN) && entrance / NUMBER != seen) return true;
    PAUSE();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  bool is_ending;
  for (;;) {
    const uint64_t entrance = atomic_load(&pool->entrance);
    is_ending = atomic_load(&pool->is_ending);
    if (is_ending || ((entrance & OPEN) && entrance / NUMBER != seen)) break;
    pthread_cond_wait(&pool->opened, &pool->mutex);
  }
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
  return !is_ending;
}

static void *work(void *argument) {
  ck_pool *pool = argument;
  uint64_t seen = 0;
  while (wait_for_loop(pool, seen)) {
    uint64_t entrance = atomic_load(&pool->entrance);
    while ((entrance & OPEN) && entrance / NUMBER != seen) {
      if (!atomic_compare_exchange_weak(&pool->entrance, &entrance, entrance + INSIDE)) continue;
      seen = entrance / NUMBER;
      pool->body(pool->context);
      atomic_fetch_sub_explicit(&pool->entrance, INSIDE, memory_order_release);
    }
  }
  return NULL;
}

ck_pool *ck_pool_make(ptrdiff_t workers) {
  if (workers > MOST_WORKERS) workers = MOST_WORKERS;
  const size_t size = sizeof(ck_pool) + (size_t)workers * sizeof(pthread_t);
  ck_pool *pool = aligned_alloc(64, (size + 63) / 64 * 64);
  if (!pool) return NULL;
  *pool = (ck_pool){.workers = 0};
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->opened, NULL);
  // Signals are the business of the threads that were there before.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool->workers < workers && pthread_create(&pool->threads[pool->workers], NULL, work, pool) == 0)
    pool->workers++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pool;
}

void ck_pool_free(ck_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->is_ending, true);
  pthread_cond_broadcast(&pool->opened);
  pthread_mutex_unlock(&pool->mutex);
  for (ptrdiff_t index = 0; index < pool->workers; index++) pthread_join(pool->threads[index], NULL);
  pthread_cond_destroy(&pool->opened);
  pthread_mutex_destroy(&pool->mutex);
  free(pool);
}

void ck_pool_run(ck_pool *pool, void (*body)(void *context), void *context) {
  pool->body = body;
  pool->context = context;
  // Nobody is inside, and the loop before is closed.
  const uint64_t number = atomic_load_explicit(&pool->entrance, memory_order_relaxed) / NUMBER + 1;
  atomic_store(&pool->entrance, number * NUMBER + OPEN);
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->opened);
    pthread_mutex_unlock(&pool->mutex);
  }
  body(context);
  uint64_t entrance = atomic_fetch_and(&pool->entrance, ~(uint64_t)OPEN);
  for (int look = 0; entrance & INSIDE_MASK; look++) {
    if (look < LOOKS) {
      PAUSE();
    } else {
      // The processor may be wanted by the very worker that is waited for.
      sched_yield();
    }
    entrance = atomic_load_explicit(&pool->entrance, memory_order_acquire);
  }
}
