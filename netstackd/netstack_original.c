// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MAC and the MTU that a link had before we set ours.
 */

#include <zebra.h>

#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_original.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_ORIGINAL, "Original settings of a link");

struct netstack_originals_head netstack_originals = INIT_RBTREE_UNIQ(netstack_originals);

int netstack_original_cmp(const struct netstack_original *a, const struct netstack_original *b)
{
	return strcmp(a->name, b->name);
}

static struct netstack_original *original_find(const char *ifname)
{
	struct netstack_original key;

	strlcpy(key.name, ifname, sizeof(key.name));
	return netstack_originals_find(&netstack_originals, &key);
}

static struct netstack_original *original_get(const char *ifname)
{
	struct netstack_original *original = original_find(ifname);

	if (original)
		return original;
	original = XCALLOC(MTYPE_NETSTACK_ORIGINAL, sizeof(*original));
	strlcpy(original->name, ifname, sizeof(original->name));
	netstack_originals_add(&netstack_originals, original);
	return original;
}

static void original_free(struct netstack_original *original)
{
	netstack_originals_del(&netstack_originals, original);
	XFREE(MTYPE_NETSTACK_ORIGINAL, original);
}

static void free_if_empty(struct netstack_original *original)
{
	if (!original->has_mac && !original->mtu)
		original_free(original);
}

static bool same_mac(const struct ethaddr *a, const struct ethaddr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

void netstack_original_note_mac(const char *ifname, const struct ethaddr *had,
				const struct ethaddr *ours)
{
	struct netstack_original *original = original_get(ifname);

	if (!original->has_mac || !same_mac(&original->our_mac, had))
		original->mac = *had;
	original->our_mac = *ours;
	original->has_mac = !same_mac(&original->mac, ours);
	free_if_empty(original);
}

void netstack_original_note_mtu(const char *ifname, uint32_t had, uint32_t ours)
{
	struct netstack_original *original = original_get(ifname);

	if (!original->mtu || original->our_mtu != had)
		original->mtu = had;
	original->our_mtu = ours;
	if (original->mtu == ours)
		original->mtu = 0;
	free_if_empty(original);
}

bool netstack_original_mac(const struct netstack_link *link, struct ethaddr *mac)
{
	const struct netstack_original *original = original_find(link->name);

	if (!original || !original->has_mac || !link->has_mac ||
	    !same_mac(&link->mac, &original->our_mac))
		return false;
	*mac = original->mac;
	return true;
}

uint32_t netstack_original_mtu(const struct netstack_link *link)
{
	const struct netstack_original *original = original_find(link->name);

	return original && link->mtu == original->our_mtu ? original->mtu : 0;
}

void netstack_original_forget(const char *ifname)
{
	struct netstack_original *original = original_find(ifname);

	if (original)
		original_free(original);
}

void netstack_original_terminate(void)
{
	struct netstack_original *original;

	while ((original = netstack_originals_first(&netstack_originals)))
		original_free(original);
}
