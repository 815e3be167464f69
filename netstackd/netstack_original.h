// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MAC and the MTU that a link had before we set ours: what `no mac`, `no mtu` and the release
 * of the link give back.
 *
 * The kernel does not know them any more, hence the record, which outlives the daemon
 * (netstack_state.h).  It is about a link as long as that has what we set: a MAC or an MTU that
 * somebody else gave it in the meantime, or that it has after a reboot, is its own.
 */

#ifndef _NETSTACK_ORIGINAL_H
#define _NETSTACK_ORIGINAL_H

#include <net/if.h>

#include "prefix.h"
#include "typesafe.h"

#include "netstack_observed.h"

PREDECL_RBTREE_UNIQ(netstack_originals);

struct netstack_original {
	struct netstack_originals_item item; /* by name */
	char name[IFNAMSIZ];
	bool has_mac;
	struct ethaddr mac;	/* valid if has_mac: before ours */
	struct ethaddr our_mac; /* valid if has_mac */
	uint32_t mtu;		/* bytes, before ours; 0: we set none */
	uint32_t our_mtu;
};

extern int netstack_original_cmp(const struct netstack_original *a,
				 const struct netstack_original *b);
DECLARE_RBTREE_UNIQ(netstack_originals, struct netstack_original, item, netstack_original_cmp);

/* All of them, for the state file. */
extern struct netstack_originals_head netstack_originals;

/* We set `ours` on the link of this name, which had `had`. */
extern void netstack_original_note_mac(const char *ifname, const struct ethaddr *had,
				       const struct ethaddr *ours);
extern void netstack_original_note_mtu(const char *ifname, uint32_t had, uint32_t ours);

/* What the link had before; false, 0: what it has now is not of us. */
extern bool netstack_original_mac(const struct netstack_link *link, struct ethaddr *mac);
extern uint32_t netstack_original_mtu(const struct netstack_link *link);

extern void netstack_original_forget(const char *ifname);
extern void netstack_original_terminate(void);

#endif /* _NETSTACK_ORIGINAL_H */
