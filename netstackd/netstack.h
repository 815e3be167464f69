// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netstackd: custom TCP/IP stacks for FRRouting
 *
 * `netstack NAME` makes a complete, isolated TCP/IP stack: interfaces, addresses, ARP and ND
 * tables, a routing table and default gateways of its own.  It is a Linux VRF device and the
 * interfaces that are enslaved to it, or a network namespace: FRR decides, for the whole router
 * (zebra's -w).
 *
 *     vtysh / frr.conf -> northbound -> desired --+
 *                                                 +-> plan -> kernel (rtnetlink, sysctl)
 *     kernel events -> observed <-----------------+        +-> zebra (routes, next-hop tracking)
 *
 * - desired (netstack_desired.h) is what the configuration says.  Only the northbound's APPLY
 *   callbacks write it (netstack_nb_config.c).
 * - observed (netstack_observed.h) is what the kernel says of one namespace: the daemon's own, or
 *   that of a stack.  Only the reader of kernel events writes it.  netstack_place.h says where
 *   what a stack has is to be looked for.
 * - plan (netstack_plan.h) is a pure function of both: an ordered list of operations.
 * - reconcile (netstack_reconcile.h) is the one place that acts.  Whatever happens, a line of
 *   configuration or an event, marks a stack dirty; one event later the dirty stacks are planned
 *   and the operations executed, until there is nothing left to do.  It is level-triggered: a
 *   lost message, a crash or a device deleted behind our back are all 'observed differs from
 *   desired; plan again'.
 * - zebra (netstack_zebra.h) has the routes: which of the configured next hops are usable, which
 *   of them carry traffic, and what zebra made of them.
 * - status (netstack_status.h) puts all of it into words for `show` and the YANG state.  It only
 *   reads.
 *
 * What the daemon puts in the kernel is marked, and only what is marked is ever removed:
 *
 *     links        IFLA_IFALIAS is NETSTACK_ALIAS_PREFIX and the name of the stack
 *     namespaces   the same, of their lo
 *     addresses    IFA_PROTO is NETSTACK_PROTO
 *     neighbours   NDA_PROTOCOL is NETSTACK_PROTO
 *     routes       rtm_protocol is NETSTACK_GUARD_PROTO (unreachable defaults only; zebra has the
 *                  rest); once read, NETSTACK_PROTO
 *     enslavement  cannot be marked in the kernel: it is recorded in the daemon's state file
 */

#ifndef _NETSTACK_H
#define _NETSTACK_H

#include "privs.h"
#include "memory.h"

struct event_loop;

DECLARE_MGROUP(NETSTACKD);

/* RTPROT_*, IFAPROT_* and NDA_PROTOCOL of what netstackd puts in the kernel by itself. */
#define NETSTACK_PROTO 78

/*
 * RTPROT_* of the unreachable defaults: RTPROT_REDIRECT, of which zebra takes no notice.  It would put
 * them into its queue of work whenever a link comes up, those of all VRFs (doc/developer/upstream.md,
 * "A link that comes up is told of in all VRFs"), and `redistribute kernel` would announce them.
 */
#define NETSTACK_GUARD_PROTO 1

/* IFLA_IFALIAS of links that netstackd made: this, then the name of the stack. */
#define NETSTACK_ALIAS_PREFIX "netstack "

/*
 * Our routes in zebra are ZEBRA_ROUTE_STATIC of this instance: a source of their own, apart from
 * staticd's, which has instance 0.  zebra keeps instances in 8 bits in places.
 */
#define NETSTACK_ZEBRA_INSTANCE 78

/*
 * Metric of the unreachable default in each stack's table (Documentation/networking/vrf.rst):
 * distance 255 in the top byte, so zebra never prefers it, and metric 8192.
 */
#define NETSTACK_UNREACHABLE_METRIC 4278198272U

#define NETSTACK_VTY_PORT 2650

/* Owned by netstack_main.c. */
extern struct event_loop *master;
extern struct zebra_privs_t netstack_privs;

#endif /* _NETSTACK_H */
