// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules of limits, without the things that they are about: when to say something, which
 * neighbours go first, how large the kernel's neighbour table has to be.
 */

#ifndef _NETSTACK_LIMIT_RULES_H
#define _NETSTACK_LIMIT_RULES_H

#include "ipaddr.h"

/*
 * How full it is.  A level begins at one use and ends at a lower one, so that a use that goes up
 * and down by a few is told once:
 *
 *                begins at      ends below
 *     warning    80 %           70 %
 *     reached    the limit      90 %
 */
enum netstack_limit_level {
	NETSTACK_LIMIT_OK = 0,
	NETSTACK_LIMIT_WARNING,
	NETSTACK_LIMIT_REACHED,
};

/* The level that follows from this use; max 0: no limit. */
extern enum netstack_limit_level netstack_limit_next_level(enum netstack_limit_level level,
							   uint32_t use, uint32_t max);
/* "ok", "warning", "reached" */
extern const char *netstack_limit_level_name(enum netstack_limit_level level);

/*
 * How many neighbours are left of more than max: some fewer than max where that is large, so that
 * not each further one sets off another search.
 */
extern uint32_t netstack_limit_target(uint32_t max);

/* A neighbour that may go. */
struct netstack_limit_victim {
	int ifindex;
	struct ipaddr address;
	bool failed;	    /* nobody answered: nothing is lost with it */
	uint32_t confirmed; /* hundredths of a second since, as updated */
	uint32_t updated;
};

/* In the order in which they go: failed ones, then the least recently confirmed; in place. */
extern void netstack_limit_sort_victims(struct netstack_limit_victim *victims, size_t count);

/*
 * Entries that the kernel's table of one family has to have room for: what all limits of neighbours
 * allow, what there is besides, and what a flood brings before it is noticed.  Without limits there
 * is nothing that it has to have: 0.
 */
extern uint32_t netstack_neigh_table_need(uint64_t limits);
/* Nothing larger than this is set without being asked: some 2 GB of the kernel's memory. */
#define NETSTACK_NEIGH_TABLE_MAX (4U * 1024 * 1024)

#endif /* _NETSTACK_LIMIT_RULES_H */
