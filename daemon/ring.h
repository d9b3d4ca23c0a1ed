/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ring - variable records from one thread to one other thread, without a lock.
 *
 *           tail                      head
 *            v                         v
 *      ......[len|bytes][len|bytes]....[WRAP........]
 *            ^ consumer reads here     ^ producer writes here
 *
 *         producer                        consumer
 *         p = ring_reserve(r, n);         while (ring_peek(r, &record)) {
 *         if (p) { fill p; ring_commit }          use record;
 *         ... more ...                            ring_release(r);
 *         ring_wake(r);                   }
 *                                         ring_unblock(r); ring_sleep(r);
 *
 * head and tail count bytes since the beginning and never wrap; the offset is
 * their low bits. head is written by the producer only, tail by the consumer
 * only. A record lies in one piece: where the end of the memory is too near, a
 * WRAP marker sends the consumer back to the start.
 *
 * In         Records of 0..ring_record_max() bytes.
 * Ownership  A record belongs to the consumer from ring_peek() to
 *            ring_release(); nothing behind tail is ever read.
 * Limits     The size is a power of two, fixed by ring_new(). Records are
 *            aligned to 8 bytes.
 * Threads    Exactly one producer and one consumer. The functions of each side
 *            are grouped below.
 * Cost       A reserve and commit is two plain stores and one release store; the
 *            other side's index is read only when the cached copy runs out. A
 *            system call happens only when the other side said that it sleeps.
 */
#ifndef DAEMON_RING_H
#define DAEMON_RING_H

#include "base/err.h"
#include "base/slice.h"

struct ring;

/* bytes is rounded up to a power of two of at least a page. */
int ring_new(size_t bytes, struct ring **out, struct err *e);
void ring_free(struct ring *r);

/* The largest record that fits for sure once the ring is empty. Any thread. */
size_t ring_record_max(const struct ring *r);
size_t ring_size(const struct ring *r);

/* Producer. NULL: no room now. One reservation at a time; it is given up by
 * reserving again. */
void *ring_reserve(struct ring *r, size_t len);
void ring_commit(struct ring *r);

/* Producer, after a batch: wakes the consumer if it sleeps and there is news. */
void ring_wake(struct ring *r);

/* Producer: the same without news, for what stands beside the ring (the end). */
void ring_nudge(struct ring *r);

/* Producer: sleeps until the consumer made room or stop_fd is readable. False:
 * stop. Wakes the consumer first, so it may be called with a half-sent batch. */
bool ring_wait(struct ring *r, int stop_fd);

/* Consumer. The oldest record; false when there is none. */
bool ring_peek(struct ring *r, struct slice *record);
void ring_release(struct ring *r);

/* Consumer, after a batch: lets a waiting producer go on. */
void ring_unblock(struct ring *r);

/* Consumer: "wake me through ring_fd()". False: there is something already. */
bool ring_sleep(struct ring *r);
int ring_fd(const struct ring *r);
void ring_fd_clear(struct ring *r);

#endif
