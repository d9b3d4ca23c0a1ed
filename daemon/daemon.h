/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon - trunkwatchd from its command line to its exit status.
 *
 *         options -> config -> capture open -> privileges gone -> database
 *                 -> pipeline -> threads -> event loop -> drain -> totals
 *
 * Threads    The caller's becomes the analysis thread and runs the event loop.
 * Exit       0 done; 1 the device went away; 64, 65, 66, 69, 71, 78: sysexits.h.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

int daemon_main(int argc, char **argv);

#endif
