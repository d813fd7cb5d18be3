// Threads for loops that last some microseconds to milliseconds and follow one another closely, as the layers of a
// network do: workers wait for the next loop awake for a short while, then asleep.
#ifndef CK_POOL_H
#define CK_POOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_pool ck_pool;

// The processors that this process may use, at least 1.
ptrdiff_t ck_processor_count(void);

// A pool whose loops run on `workers` threads beside the caller's, which start with the first loop. NULL without
// memory.
ck_pool *ck_pool_make(ptrdiff_t workers);

// Ends the threads. No loop may be running.
void ck_pool_free(ck_pool *pool);

// Calls body(context) on the caller's thread and on each worker that comes before the caller's call has returned, and
// returns when all these calls have. Loops that run at the same time, or one within the other, have workers of their
// own; where the system gives fewer threads, or none, the caller's does the rest.
void ck_pool_run(ck_pool *pool, void (*body)(void *context), void *context);

#ifdef __cplusplus
}
#endif

#endif
