// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module of zebra 10.3, which it survives what stacks do with: VRFs that come and go.
 *
 * Network namespaces (-w).  When a namespace goes, zebra closes its sockets in the main thread, and
 * with them frees the buffer from which the dataplane's thread sends to the kernel, for all
 * namespaces (kernel_terminate() in zebra/kernel_netlink.c).  The next route of any VRF is then
 * written to NULL; and a batch that is just being written or sent has lost buffer and socket.
 * This module takes the place of zebra's hook for namespaces that are disabled.  It has the
 * dataplane's thread finish what it was given, holds it for as long as zebra tidies up, and has
 * it allocate a new buffer afterwards.
 *
 * When a namespace comes, the main thread reads its links while the dataplane's thread already follows
 * their changes: a change can overtake what was read before it, and is then undone.  This module lets
 * the dataplane's thread follow once all that was read is in zebra's queue; the changes wait in the
 * socket.
 *
 * Of the namespaces that come zebra loses some: zebra_netstack_lost.c.
 *
 * VRF devices.  Links and routes are read by two threads, so that a route can be read before the VRF
 * that it is in, or after that is gone.  zebra then takes its table for one more of the default
 * VRF's; a VRF that uses it frees it when it goes, and it is used after that by the default VRF and
 * the queue of work.  This module gives such a table to the VRF that has it as its own, and
 * whoever still points at a table that is freed lets go of it.  A route to a subnet that was read before
 * the VRF of its link was known is not found again when the kernel deletes it: this module does that.
 *
 * See doc/developer/upstream.md for all of it.  Loaded by `zebra -M netstack`.
 */

#include <zebra.h>

#include "frr_pthread.h"
#include "frrevent.h"
#include "hook.h"
#include "if.h"
#include "libfrr.h"
#include "linklist.h"
#include "log.h"
#include "memory.h"
#include "module.h"
#include "ns.h"
#include "srcdest_table.h"
#include "table.h"
#include "lib/version.h"
#include "vrf.h"
#include "zebra/interface.h"
#include "zebra/rib.h"
#include "zebra/rt.h"
#include "zebra/zebra_dplane.h"
#include "zebra/zebra_netstack.h"
#include "zebra/zebra_ns.h"
#include "zebra/zebra_router.h"
#include "zebra/zebra_vrf.h"

/*
 * zebra's own, in none of its headers.  nl_batch_init() allocates the buffer when this is not the
 * size that is configured, and at no other time.
 */
extern size_t nl_batch_tx_bufsize;
extern int zebra_ns_disabled(struct ns *ns);

/*
 * Work of the dataplane leaves the queue that can be seen before it is done: it then is in the
 * queues of the providers, of which each turn of the thread empties one at least.  So many turns
 * in a row with nothing to be seen are more than there are providers.
 */
#define QUIET_TURNS 16

enum dplane_state {
	DPLANE_RUNS,
	DPLANE_TO_BE_HELD,
	DPLANE_HELD,
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static enum dplane_state state; /* by mutex */
static int quiet_turns;		/* the dataplane's while it is to be held, else the main thread's */

static void set_state(enum dplane_state to)
{
	state = to;
	pthread_cond_broadcast(&changed);
}

static void wait_while(enum dplane_state is)
{
	while (state == is)
		pthread_cond_wait(&changed, &mutex);
}

/* In the dataplane's thread, between two of its events: nothing is half written or half sent. */
static void hold_here(struct event *event)
{
	if (dplane_get_in_queue_len() > 0)
		quiet_turns = 0;
	if (++quiet_turns < QUIET_TURNS) {
		event_add_event(dplane_get_thread_master(), hold_here, NULL, 0, NULL);
		return;
	}
	frr_with_mutex (&mutex) {
		set_state(DPLANE_HELD);
		wait_while(DPLANE_HELD);
	}
}

static void hold_dplane(void)
{
	quiet_turns = 0;
	frr_with_mutex (&mutex) {
		set_state(DPLANE_TO_BE_HELD);
		event_add_event(dplane_get_thread_master(), hold_here, NULL, 0, NULL);
		wait_while(DPLANE_TO_BE_HELD);
	}
}

static void release_dplane(void)
{
	frr_with_mutex (&mutex) {
		set_state(DPLANE_RUNS);
	}
}

/* In the main thread, in the place of zebra_ns_disabled(), which does the work. */
static int ns_disabled_safely(struct ns *ns)
{
	int ret;

	/* At the end zebra waits for the dataplane, and nothing is sent after that. */
	if (!ns->info || !dplane_get_thread_master() || zebra_router_in_shutdown())
		return zebra_ns_disabled(ns);

	/* First, as it waits for the dataplane's thread.  The second time it does nothing. */
	zebra_dplane_ns_enable(ns->info, false);
	hold_dplane();
	ret = zebra_ns_disabled(ns);
	nl_batch_tx_bufsize = 0;
	release_dplane();
	return ret;
}

/* zebra_ns_enabled(), which is static, and what it calls: in another order. */
static int ns_enabled_in_order(struct ns *ns)
{
	struct zebra_ns *zns = ns->info;

	if (!zns)
		return 0;
	zns->ns_id = ns->ns_id;
	kernel_init(zns);
	interface_list(zns);
	zebra_dplane_ns_enable(zns, true);
	return 0;
}

/*
 * The queues within zebra's queue of work that hold nodes of tables: META_QUEUE_CONNECTED to
 * META_QUEUE_OTHER of zebra/zebra_rib.c, which are in no header.
 */
#define FIRST_QUEUE_OF_NODES 4
#define LAST_QUEUE_OF_NODES  9
static_assert(MQ_SIZE == 11, "zebra's queues are others than those of FRR 10.3");

/* The table that is being freed, and that nobody points at any more. */
static struct route_table *let_go;

static int find_memtype(void *name, struct memgroup *group, struct memtype *type)
{
	(void)group;
	if (!type || strcmp(type->name, *(const char **)name))
		return 0;
	*(struct memtype **)name = type;
	return 1;
}

/* zebra allocated it with a type of memory that is static there, so that it has to be looked up. */
static void free_other_table(struct other_route_table *other)
{
	void *type = (char *)"Other Table";

	if (qmem_walk(find_memtype, &type))
		qfree(type, other);
}

/* The default VRF does not have the table, if it did: it is another's, or is being freed. */
static bool default_vrf_lets_go(const struct route_table *table)
{
	struct zebra_vrf *zvrf = zebra_vrf_lookup_by_id(VRF_DEFAULT);
	struct other_route_table *other;

	frr_each_safe (otable, &zvrf->other_tables, other) {
		if (other->table != table)
			continue;
		otable_del(&zvrf->other_tables, other);
		free_other_table(other);
		return true;
	}
	return false;
}

/* Nodes of the table that wait for work are forgotten.  Returns how many there were. */
static unsigned int queue_lets_go(const struct route_table *table)
{
	struct listnode *item, *next;
	struct route_node *node;
	unsigned int count = 0;

	for (int i = FIRST_QUEUE_OF_NODES; i <= LAST_QUEUE_OF_NODES; i++)
		for (ALL_LIST_ELEMENTS (zrouter.mq->subq[i], item, next, node)) {
			if (srcdest_rnode_table(node) != table)
				continue;
			/* its lock is not given back: the node is freed with the table, locked or not */
			list_delete_node(zrouter.mq->subq[i], item);
			zrouter.mq->size--;
			count++;
		}
	return count;
}

/* zebra is about to free a node and, as this is called for nothing else, its whole table. */
static int table_is_freed(struct route_node *node)
{
	struct route_table *table = srcdest_rnode_table(node);
	unsigned int count;

	/* At its end zebra has freed the queue, and frees all. */
	if (table == let_go || zebra_router_in_shutdown())
		return 0;
	let_go = table;
	count = queue_lets_go(table);
	if (default_vrf_lets_go(table) || count)
		zlog_info("netstack: table %u is freed, with %u of its routes in the queue",
			  rib_table_info(table)->table_id, count);
	return 0;
}

static void take_table(struct zebra_vrf *zvrf, struct route_table *table)
{
	struct rib_table_info *info = table ? rib_table_info(table) : NULL;

	if (!info || info->zvrf == zvrf)
		return;
	zlog_info("netstack: table %u is VRF %s's, and not %s's", info->table_id, zvrf_name(zvrf),
		  zvrf_name(info->zvrf));
	info->zvrf = zvrf;
	default_vrf_lets_go(table);
}

/*
 * A VRF has its tables before its device is added as an interface.  Each interface of a VRF is
 * good for a look, as that of the device is not seen again if it is in the configuration.
 */
static int interface_is_added(struct interface *ifp)
{
	struct zebra_vrf *zvrf = ifp->vrf->info;

	let_go = NULL; /* a new table can be where a freed one was */
	if (!zvrf || ifp->vrf->vrf_id == VRF_DEFAULT)
		return 0;
	for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
		for (safi_t safi = SAFI_UNICAST; safi <= SAFI_MULTICAST; safi++)
			take_table(zvrf, zvrf->table[afi][safi]);
	return 0;
}

/* Is the link's subnet zebra's own, too, or was it until now? */
static bool has_connected_route(struct route_node *node, ifindex_t ifindex)
{
	struct route_entry *re;

	RNODE_FOREACH_RE (node, re)
		if (re->type == ZEBRA_ROUTE_CONNECT && re->nhe->nhg.nexthop &&
		    re->nhe->nhg.nexthop->ifindex == ifindex)
			return true;
	return false;
}

/* A route of the kernel's to a subnet, of whose link zebra thought that it is in another VRF. */
static bool is_read_too_early(const struct route_entry *re, vrf_id_t vrf_id)
{
	const struct nexthop *nexthop = re->nhe->nhg.nexthop;

	return re->type == ZEBRA_ROUTE_KERNEL && !CHECK_FLAG(re->status, ROUTE_ENTRY_REMOVED) &&
	       nexthop && !nexthop->next && nexthop->type == NEXTHOP_TYPE_IFINDEX &&
	       nexthop->vrf_id != vrf_id;
}

/*
 * A link that comes into a VRF gets its addresses at once: the kernel's route to a subnet can be read while
 * zebra takes the link for the default VRF's.  When the kernel takes it back the next hop is in the other
 * VRF, zebra finds no such route, and keeps it for ever.  So it goes when the connected route to the
 * subnet, of which zebra makes use, takes its place or leaves it.
 */
static int route_is_selected(struct route_node *node, const char *reason)
{
	const struct rib_table_info *info = srcdest_rnode_table_info(node);
	const struct prefix *prefix, *source;
	struct route_entry *re;
	const struct nexthop *nexthop;

	(void)reason;
	if (!info->zvrf || zvrf_id(info->zvrf) == VRF_DEFAULT)
		return 0;
	srcdest_rnode_prefixes(node, &prefix, &source);
	RNODE_FOREACH_RE (node, re) {
		nexthop = re->nhe->nhg.nexthop;
		if (is_read_too_early(re, zvrf_id(info->zvrf)) &&
		    has_connected_route(node, nexthop->ifindex))
			rib_delete(info->afi, info->safi, re->vrf_id, re->type, re->instance,
				   re->flags, prefix, (const struct prefix_ipv6 *)source, nexthop,
				   0, re->table, re->metric, re->distance, true);
	}
	return 0;
}

/* What runs here, which need not be what this was compiled with. */
static const char *version_of_frr(void)
{
	for (const struct frrmod_runtime *module = frrmod_list; module; module = module->next)
		if (!strcmp(module->info->name, "libfrr"))
			return module->info->version;
	return "unknown";
}

/* zebra has set its hooks and read no event yet. */
static int take_over(struct event_loop *loop)
{
	if (strcmp(version_of_frr(), FRR_VERSION)) {
		zlog_err("netstack: built for zebra %s, does nothing in %s", FRR_VERSION,
			 version_of_frr());
		return 0;
	}
	if (vrf_is_backend_netns()) {
		ns_add_hook(NS_ENABLE_HOOK, ns_enabled_in_order);
		ns_add_hook(NS_DISABLE_HOOK, ns_disabled_safely);
		zebra_netstack_find_lost(loop);
		zlog_info(
			"netstack: the dataplane follows a namespace once it was read, and is held while one is removed");
	} else {
		hook_register(if_add, interface_is_added);
		hook_register(rib_shutdown, table_is_freed);
		hook_register(rib_update, route_is_selected);
		zlog_info("netstack: tables of VRFs are freed with all that points at them");
	}
	return 0;
}

static int module_init(void)
{
	hook_register(frr_late_init, take_over);
	return 0;
}

/* clang-format off */
FRR_MODULE_SETUP(
	.name = "zebra_netstack",
	.version = NETSTACK_VERSION,
	.description = "VRFs and network namespaces come and go safely",
	.init = module_init,
);
/* clang-format on */
