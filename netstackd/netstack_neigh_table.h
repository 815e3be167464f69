// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's neighbour tables: one for ARP and one for ND, for all links of all namespaces.
 *
 * When one has more entries than gc_thresh2, entries of any stack are dropped as soon as the last
 * such clean-up is 5 s old; with gc_thresh3 of them no further one is made (neigh_alloc() in
 * net/core/neighbour.c, Documentation/networking/ip-sysctl.rst).  1024 by default: less than what one
 * stack may be allowed.  So where stacks have limits of neighbours both are raised to hold all of
 * them, what other stacks have, and a flood; they are never lowered.  They are there in the kernel's
 * first network namespace only: elsewhere it is said in the log what is needed.
 */

#ifndef _NETSTACK_NEIGH_TABLE_H
#define _NETSTACK_NEIGH_TABLE_H

#include <stdint.h>

struct event_loop;

extern void netstack_neigh_table_init(struct event_loop *loop);
extern void netstack_neigh_table_terminate(void);

/* Limits or neighbours have changed, or their states: the sizes are looked at within a second. */
extern void netstack_neigh_table_look_soon(void);

/* The smaller of the two tables (gc_thresh3), when it was last looked at; 0: not known. */
extern uint32_t netstack_neigh_table_size(void);

#endif /* _NETSTACK_NEIGH_TABLE_H */
