// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The routes of the bench 'routes': so many addresses from 172.16.0.0 on, each a /32.
 * bench/bench_routes.py has the same.
 */

#ifndef _BENCH_ROUTES_H
#define _BENCH_ROUTES_H

#define BENCH_ROUTES	 ((172U << 24) | (16U << 16)) /* host byte order */
#define BENCH_ROUTES_MAX (1U << 20)		      /* 172.16.0.0/12 */

#endif /* _BENCH_ROUTES_H */
