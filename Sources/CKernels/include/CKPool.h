// A pool of threads for loops that last some microseconds to milliseconds and follow one another closely, as the
// layers of a network do: workers wait for the next loop awake for a short while, then asleep.
#ifndef CK_POOL_H
#define CK_POOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_pool ck_pool;

// A pool of `workers` threads beside the caller's. NULL without memory; fewer threads where the system gives no more.
ck_pool *ck_pool_make(ptrdiff_t workers);

// Ends the threads. No loop may be running.
void ck_pool_free(ck_pool *pool);

// Calls body(context, piece) once for each piece in 0 ..< pieces, on the caller's thread and the workers, and returns
// when all are done. One loop at a time.
void ck_pool_run(ck_pool *pool, ptrdiff_t pieces, void (*body)(void *context, ptrdiff_t piece), void *context);

#ifdef __cplusplus
}
#endif

#endif
