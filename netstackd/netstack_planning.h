// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the plans of the two backends share; nobody else's business.
 */

#ifndef _NETSTACK_PLANNING_H
#define _NETSTACK_PLANNING_H

#include "netstackd/netstack_plan.h"

/* One run of the planner. */
struct netstack_planning {
	struct netstack *stack;
	const struct netstack_facts *facts;
	const struct netstack_members_head *members;
	struct netstack_ops *ops;
	/*
	 * Where the stack's members are, or what is left of it there: its namespace, or the
	 * daemon's own.  Operations are about links of it.
	 */
	const struct netstack_observed *obs;
	bool inside; /* obs is that of the stack's namespace */
	const struct netstack_link
		*vrf; /* VRF devices: the stack's; NULL as long as there is none */
};

/* An operation on a link of plan->obs, with its key "NAME WHAT". */
extern struct netstack_op *netstack_plan_link_op(struct netstack_planning *plan,
						 enum netstack_op_type type,
						 const struct netstack_link *link,
						 const char *what);
extern void netstack_plan_delete_link(struct netstack_planning *plan,
				      const struct netstack_link *link);
/* Makes the link of a configured interface.  NULL: what it is made of is not there. */
extern struct netstack_op *netstack_plan_create_member(struct netstack_planning *plan,
						       const struct netstack_if *nif);
/* Can it be made: is there what it is made of? */
extern bool netstack_plan_can_create(const struct netstack_planning *plan,
				     const struct netstack_if *nif);
/* Everything that a link in the stack should have: settings, addresses, neighbours. */
extern void netstack_plan_link(struct netstack_planning *plan, const struct netstack_link *link,
			       const struct netstack_if *nif);
/* What we put on a link and the stack does not ask for any more. */
extern void netstack_plan_clear_unwanted(struct netstack_planning *plan,
					 const struct netstack_link *link,
					 const struct netstack_if *nif);
/* A link of ours that is not what is configured, and can be made anew. */
extern bool netstack_plan_is_wrong(const struct netstack_planning *plan,
				   const struct netstack_link *link, const struct netstack_if *nif);
/* What we put on a link, before somebody else gets it. */
extern void netstack_plan_clean_link(struct netstack_planning *plan,
				     const struct netstack_link *link);
/* Takes a link down; its addresses stay. */
extern void netstack_plan_take_down(struct netstack_planning *plan,
				    const struct netstack_link *link);
/* disable_ipv6 as the stack has it. */
extern void netstack_plan_ipv6(struct netstack_planning *plan, const struct netstack_link *link);
/* Releases what a VRF device of ours has, keeping addresses, and deletes it. */
extern void netstack_plan_delete_vrf(struct netstack_planning *plan,
				     const struct netstack_link *vrf);

/* netstack_plan_netns.c: a stack, as a network namespace. */
extern void netstack_plan_netns(struct netstack_planning *plan);
/*
 * For a stack that is a VRF device now: empties and deletes the namespace that it was.  True as
 * long as there is something left of it.
 */
extern bool netstack_plan_leave_netns(struct netstack_planning *plan);

#endif /* _NETSTACK_PLANNING_H */
