// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zebra: routes, next-hop tracking, and what other daemons see.
 *
 * The connection, and its messages.  netstack_zebra_update() has a stack's rib (netstack_rib.h) judge
 * each configured next hop, gather the usable ones of the lowest distance, and send the route if
 * that differs from what was sent.
 *
 * The routes are ZEBRA_ROUTE_STATIC of instance NETSTACK_ZEBRA_INSTANCE: staticd's routes, and its
 * comings and goings, have nothing to do with ours.  zebra is asked to keep them when our
 * connection ends (graceful restart), so that a restart of netstackd costs no packet; once the
 * configuration has been read and replayed, ROUTE_UPDATE_COMPLETE lets zebra drop the rest.
 */

#include <zebra.h>

#include <poll.h>

#include "frrevent.h"
#include "log.h"
#include "monotime.h"
#include "typesafe.h"
#include "vrf.h"
#include "zclient.h"

#include "lib/darr.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_rib.h"
#include "netstackd/netstack_zebra.h"
#include "netstackd/netstack_zebra_process.h"
#include "netstackd/netstack_zebra_read.h"
#include "netstackd/netstack_zebra_send.h"

/* Seconds that zebra keeps our routes without us: a restart by watchfrr takes at most 60. */
#define STALE_TIME 300
/*
 * Milliseconds that zebra may be busy with others, and says so by what it sends, until what it has
 * not answered counts as lost: what is sent again meanwhile is more to do for it.
 */
#define BUSY_MAX 10000
/*
 * So many prefixes that the configuration changes are dealt with one by one, before the whole stack
 * is looked at; and after so many seconds that is done anyway, for next hops that are tracked for
 * nothing since.
 */
#define CHANGED_MAX 10000
#define SWEEP_AFTER 10
/*
 * So many new routes at once are many; and for so many milliseconds after them, and after those that
 * zebra installs in that time, it does not tell of routes.
 */
#define MANY_ROUTES 200
#define QUIET_MSEC  1000

struct zclient *netstack_zclient;
unsigned int netstack_ecmp_max = MULTIPATH_NUM;

static bool config_was_read;
static void (*on_answer)(void);	 /* NULL: zebra is not asked */
static struct timeval asked_at;	 /* monotonic */
static struct timeval heard_at;	 /* monotonic: zebra said something */
static bool is_quiet;		 /* zebra was asked not to tell of routes */
static struct event *t_quiet;	 /* until then, at least */
static bool worked;		 /* it has installed such a route since looked_at */
static struct timeval worked_at; /* monotonic: it had, at that look */
static struct timeval looked_at; /* monotonic: the clock, the last time */

/* ------------------------------------------------------------------------------------------
 * VRFs
 */

void netstack_zebra_heard(void)
{
	heard_at = *netstack_zebra_read_at();
}

void netstack_zebra_worked(void)
{
	worked = true;
}

void netstack_rib_look_at_clock(void)
{
	monotime(&looked_at);
	if (worked)
		heard_at = worked_at = looked_at;
	worked = false;
}

const struct timeval *netstack_rib_clock(void)
{
	return &looked_at;
}

int64_t netstack_rib_age(const struct timeval *since)
{
	struct timeval age;

	timersub(&looked_at, since, &age);
	return age.tv_sec * 1000LL + age.tv_usec / 1000;
}

int64_t netstack_zebra_silence(void)
{
	return monotime_since(&heard_at, NULL) / 1000000;
}

bool netstack_rib_is_on_its_way(int64_t age, unsigned int patience)
{
	return age < (int64_t)patience ||
	       (netstack_rib_age(&heard_at) < NETSTACK_RIB_RESEND_FIRST && age < BUSY_MAX);
}

unsigned int netstack_rib_until_lost(int64_t age, unsigned int patience)
{
	if (age < (int64_t)patience)
		return patience - age;
	return MAX((int64_t)NETSTACK_RIB_RESEND_FIRST, MIN(age, BUSY_MAX - age));
}

static void be_quiet(bool quiet)
{
	if (is_quiet == quiet)
		return;
	is_quiet = quiet;
	DEBUGD(&netstack_dbg_zebra, "zebra is %s",
	       quiet ? "not to tell of each route" : "to tell of each route again");
	zebra_route_notify_send(ZEBRA_ROUTE_NOTIFY_REQUEST, netstack_zclient, !quiet);
}

/* Not as long as zebra still installs such routes. */
static void quiet_over(struct event *event)
{
	netstack_rib_look_at_clock();
	if (netstack_rib_age(&worked_at) < QUIET_MSEC)
		event_add_timer_msec(master, quiet_over, NULL, QUIET_MSEC, &t_quiet);
	else
		be_quiet(false);
}

void netstack_zebra_be_quiet(void)
{
	if (!is_quiet) {
		if (netstack_rib_awaits_confirmations())
			return;
		be_quiet(true);
		netstack_rib_expect_no_notes();
	}
	EVENT_OFF(t_quiet);
	event_add_timer_msec(master, quiet_over, NULL, QUIET_MSEC, &t_quiet);
}

void netstack_zebra_be_loud(void)
{
	EVENT_OFF(t_quiet);
	be_quiet(false);
}

bool netstack_zebra_is_quiet(void)
{
	return is_quiet;
}

bool netstack_zebra_connected(void)
{
	return netstack_zclient && netstack_zclient->sock >= 0;
}

bool netstack_zebra_speaks(void)
{
	struct pollfd pollfd = { .events = POLLIN };

	if (!netstack_zebra_connected())
		return false;
	pollfd.fd = netstack_zclient->sock;
	return poll(&pollfd, 1, 0) > 0;
}

void netstack_zebra_gather(void)
{
	netstack_zebra_hold(netstack_zclient);
}

void netstack_zebra_flush(void)
{
	netstack_zebra_release(netstack_zclient);
}

/* Which route leads to 0.0.0.0: a question that zebra answers always, and at once. */
void netstack_zebra_ask(void (*answered)(void))
{
	const struct ipaddr any = { .ipa_type = IPADDR_V4 };
	struct stream *s;

	if (!netstack_zebra_connected())
		return;
	on_answer = answered;
	monotime(&asked_at);
	s = netstack_zclient->obuf;
	stream_reset(s);
	zclient_create_header(s, ZEBRA_NEXTHOP_LOOKUP, VRF_DEFAULT);
	stream_put_ipaddr(s, &any);
	stream_putc(s, SAFI_UNICAST);
	stream_putw_at(s, 0, stream_get_endp(s));
	zclient_send_message(netstack_zclient);
}

bool netstack_zebra_is_asked(void)
{
	return on_answer && netstack_zebra_connected() &&
	       monotime_since(&asked_at, NULL) < NETSTACK_ZEBRA_ANSWER_MSEC * 1000;
}

static int nexthop_lookup(ZAPI_CALLBACK_ARGS)
{
	void (*answered)(void) = on_answer;

	on_answer = NULL;
	if (answered)
		answered();
	return 0;
}

void netstack_zebra_send_links(void)
{
	if (!netstack_zebra_connected())
		return;
	stream_reset(netstack_zclient->obuf);
	zclient_create_header(netstack_zclient->obuf, ZEBRA_INTERFACE_ADD, VRF_DEFAULT);
	zclient_send_message(netstack_zclient);
}

static struct vrf *find_vrf(const char *name)
{
	struct vrf *vrf = netstack_zebra_connected() && name ? vrf_lookup_by_name(name) : NULL;

	return vrf && vrf_is_enabled(vrf) ? vrf : NULL;
}

bool netstack_zebra_knows(const char *name)
{
	return find_vrf(name) != NULL;
}

bool netstack_zebra_sees_links(const struct netstack *stack)
{
	struct vrf *vrf = find_vrf(netstack_kernel_inside_name(stack));
	struct interface *ifp;

	if (!vrf)
		return false;
	FOR_ALL_INTERFACES (vrf, ifp)
		if (ifp->ifindex != IFINDEX_INTERNAL && !if_is_loopback(ifp))
			return true;
	return false;
}

vrf_id_t netstack_zebra_vrf_id(const struct netstack *stack)
{
	const struct netstack_link *link;
	struct vrf *vrf;

	if (!netstack_zebra_connected())
		return VRF_UNKNOWN;
	if (stack->is_default)
		return VRF_DEFAULT;
	if (netstack_backend() == NETSTACK_BACKEND_NETNS) {
		vrf = find_vrf(netstack_kernel_inside_name(stack));
		return vrf ? vrf->vrf_id : VRF_UNKNOWN;
	}
	link = netstack_vrf_link(netstack_observed(), stack);
	if (!link)
		return VRF_UNKNOWN;
	vrf = vrf_lookup_by_id(link->ifindex);
	if (!vrf || !vrf_is_enabled(vrf) || strcmp(vrf->name, link->name))
		return VRF_UNKNOWN;
	return vrf->vrf_id;
}

bool netstack_zebra_has_vrf(const struct netstack *stack)
{
	return netstack_zebra_vrf_id(stack) != VRF_UNKNOWN;
}

static struct netstack *stack_of_vrf(const struct vrf *vrf)
{
	if (vrf->vrf_id == VRF_DEFAULT)
		return netstack_find(NETSTACK_DEFAULT_NAME);
	return netstack_find_vrf(vrf->name);
}

/* zebra has noticed that a link left its namespace. */
static int link_left(struct interface *ifp)
{
	struct netstack *stack = netstack_backend() == NETSTACK_BACKEND_NETNS
					 ? netstack_rib_stack(ifp->vrf->vrf_id)
					 : NULL;

	if (stack && !stack->is_default)
		netstack_mark_dirty(stack);
	return 0;
}

static int vrf_changed(struct vrf *vrf)
{
	struct netstack *stack = stack_of_vrf(vrf);

	netstack_zebra_heard();
	if (!stack)
		stack = netstack_rib_stack(vrf->vrf_id);
	if (stack)
		netstack_mark_dirty(stack);
	return 0;
}

/*
 * VRFs that were made anew while zebra was away have another ifindex, and vrf_get() refuses to
 * give a known name another id (doc/developer/upstream.md): drop what is out of date before zebra
 * tells of it.
 */
static void drop_stale_vrfs(void)
{
	struct vrf *vrf, *next;

	RB_FOREACH_SAFE (vrf, vrf_name_head, &vrfs_by_name, next) {
		const struct netstack_link *link;

		if (vrf->vrf_id == VRF_DEFAULT || vrf->vrf_id == VRF_UNKNOWN)
			continue;
		if (netstack_backend() == NETSTACK_BACKEND_NETNS) {
			vrf_delete(vrf); /* zebra numbers namespaces anew */
			continue;
		}
		link = netstack_link_by_name(netstack_observed(), vrf->name);
		if (!link || (vrf_id_t)link->ifindex != vrf->vrf_id)
			vrf_delete(vrf);
	}
}

/* ------------------------------------------------------------------------------------------
 * Graceful restart
 */

static void send_capability(const struct netstack_rib *rib, enum zserv_client_capabilities cap,
			    afi_t afi)
{
	struct zapi_cap api = {
		.cap = cap,
		.stale_removal_time = STALE_TIME,
		.afi = afi,
		.safi = SAFI_UNICAST,
		.vrf_id = rib->vrf_id,
	};

	zclient_capabilities_send(ZEBRA_CLIENT_CAPABILITIES, netstack_zclient, &api);
}

static void ask_for_graceful_restart(struct netstack_rib *rib)
{
	if (rib->graceful)
		return;
	rib->graceful = true;
	send_capability(rib, ZEBRA_CLIENT_GR_CAPABILITIES, AFI_IP);
}

/* zebra keeps a record for each VRF that was ever named: this one is going. */
static void end_graceful_restart(struct netstack_rib *rib)
{
	if (!rib->graceful)
		return;
	rib->graceful = false;
	send_capability(rib, ZEBRA_CLIENT_GR_DISABLE, AFI_IP);
}

/* All that the configuration asks for has been sent: zebra may drop what it kept beyond that. */
static void tell_complete(struct netstack_rib *rib)
{
	if (rib->complete || !config_was_read)
		return;
	rib->complete = true;
	send_capability(rib, ZEBRA_CLIENT_ROUTE_UPDATE_COMPLETE, AFI_IP);
	send_capability(rib, ZEBRA_CLIENT_ROUTE_UPDATE_COMPLETE, AFI_IP6);
}

void netstack_zebra_config_read(void)
{
	config_was_read = true;
}

/* ------------------------------------------------------------------------------------------
 * A stack, as a whole
 */

void netstack_zebra_forget(struct netstack *stack)
{
	netstack_gateway_forget(stack);
	netstack_rib_free(stack);
}

bool netstack_zebra_withdrawn(const struct netstack *stack)
{
	const struct netstack_rib *rib = stack->rib;

	return !rib || rib->vrf_id == VRF_UNKNOWN || !rib_entries_count(&rib->entries);
}

static void sweep(struct event *event)
{
	netstack_mark_dirty(EVENT_ARG(event));
}

/* What the configuration has changed since zebra had all that the stack asks for. */
static void update_changed(struct netstack_rib *rib)
{
	const struct netstack_prefix *prefix;

	darr_foreach_p (rib->changed, prefix)
		netstack_rib_publish_prefix(rib, prefix);
	darr_free(rib->changed);
	netstack_rib_look_again(rib, NETSTACK_RIB_RESEND_FIRST);
	if (!rib->t_sweep)
		event_add_timer(master, sweep, rib->stack, SWEEP_AFTER, &rib->t_sweep);
}

bool netstack_zebra_route_changed(struct netstack *stack, const struct netstack_prefix *prefix)
{
	struct netstack_rib *rib = stack->rib;

	if (!rib || !rib->complete || stack->trackers || stack->limits[NETSTACK_LIMIT_ROUTES].max ||
	    darr_len(rib->changed) >= CHANGED_MAX)
		return false;
	*darr_append(rib->changed) = *prefix;
	return rib->current;
}

/* Of those that have changed, which may all be gone. */
static bool has_many_new(const struct netstack_rib *rib)
{
	unsigned int count = 0;

	for (size_t i = 0; i < darr_len(rib->changed) && count < MANY_ROUTES; i++)
		count += !netstack_rib_find(rib, &rib->changed[i]);
	return count >= MANY_ROUTES;
}

void netstack_zebra_publish_new(struct netstack *stack)
{
	struct netstack_rib *rib = stack->rib;
	size_t kept = 0;

	if (!rib || !rib->complete || rib->vrf_id != netstack_zebra_vrf_id(stack) ||
	    !stack->configured || stack->shutdown)
		return;
	netstack_zebra_gather();
	netstack_rib_look_at_clock();
	if (has_many_new(rib))
		netstack_zebra_be_quiet();
	for (size_t i = 0; i < darr_len(rib->changed); i++)
		if (!netstack_rib_publish_new(rib, &rib->changed[i]))
			rib->changed[kept++] = rib->changed[i];
	netstack_zebra_flush();
	darr_setlen(rib->changed, kept);
	netstack_rib_look_again(rib, NETSTACK_RIB_RESEND_FIRST);
}

void netstack_zebra_outdated(struct netstack *stack)
{
	if (stack->rib)
		stack->rib->current = false;
}

void netstack_zebra_update(struct netstack *stack)
{
	struct netstack_rib *rib = netstack_rib_get(stack);
	vrf_id_t vrf_id = netstack_zebra_vrf_id(stack);
	struct rib_entry *entry;
	struct tracked *tracked;
	bool waiting;

	if (rib->current && rib->vrf_id == vrf_id) {
		if (rib->changed)
			update_changed(rib);
		return;
	}
	if (rib->vrf_id != vrf_id) {
		if (!netstack_zebra_connected())
			netstack_rib_keep_ghosts(rib);
		netstack_rib_reset(rib);
		netstack_rib_enter_vrf(rib, vrf_id);
	}
	if (vrf_id == VRF_UNKNOWN) {
		/* trackers go on: what is down stays down when zebra, or the VRF, is back */
		if (stack->shutdown || !stack->configured)
			netstack_gateway_forget(stack);
		else if (netstack_zebra_connected()) /* as when the VRF gets another name */
			netstack_gateway_pause(stack);
		return;
	}
	if (stack->configured)
		ask_for_graceful_restart(rib);
	frr_each (rib_entries, &rib->entries, entry)
		entry->wanted = false;
	frr_each (tracked_nexthops, &rib->tracked, tracked) {
		tracked->wanted = false;
		tracked->doubtful = false;
	}
	netstack_rib_follow_next_hops(rib);
	waiting = netstack_rib_publish(rib);
	netstack_rib_withdraw_unwanted(rib);
	netstack_rib_untrack_unwanted(rib);
	if (!stack->configured && !rib_entries_count(&rib->entries))
		end_graceful_restart(rib);
	else if (!waiting)
		tell_complete(rib);
	if (!waiting)
		netstack_rib_lay_ghosts(rib);
	netstack_rib_follow_defaults(rib, stack->configured, waiting);
	rib->current = true;
	darr_free(rib->changed);
	EVENT_OFF(rib->t_sweep);
	netstack_rib_check_fib(rib, true);
}

void netstack_zebra_leave_former(struct netstack *stack)
{
	if (netstack_zebra_connected() && stack->rib && stack->rib->vrf_id != VRF_UNKNOWN &&
	    netstack_zebra_vrf_id(stack) == VRF_UNKNOWN)
		netstack_zebra_update(stack);
}

void netstack_zebra_publish(struct netstack *stack)
{
	if (stack->rib && stack->rib->vrf_id != VRF_UNKNOWN &&
	    stack->rib->vrf_id == netstack_zebra_vrf_id(stack)) {
		netstack_zebra_outdated(stack);
		netstack_zebra_update(stack);
	}
	netstack_mark_dirty(stack);
}

/* ------------------------------------------------------------------------------------------
 * Messages from zebra
 */

/* The confirmed end of a route that was withdrawn. */
static void route_removed(struct netstack *stack, struct rib_entry *entry)
{
	if (entry->withdrawn)
		netstack_rib_free_entry(stack->rib, entry);
	else
		entry->note = NOTE_REMOVED;
}

static const char *note_name(enum zapi_route_notify_owner note)
{
	switch (note) {
	case ZAPI_ROUTE_FAIL_INSTALL:
		return "'failed to install'";
	case ZAPI_ROUTE_BETTER_ADMIN_WON:
		return "'another is better'";
	case ZAPI_ROUTE_INSTALLED:
		return "'installed'";
	case ZAPI_ROUTE_REMOVED:
		return "'removed'";
	case ZAPI_ROUTE_REMOVE_FAIL:
		return "'failed to remove'";
	}
	return "something unknown";
}

static void note_route(struct netstack *stack, struct rib_entry *entry,
		       enum zapi_route_notify_owner note)
{
	switch (note) {
	case ZAPI_ROUTE_INSTALLED:
		break; /* of what is withdrawn already */
	case ZAPI_ROUTE_FAIL_INSTALL:
		entry->note = NOTE_FAILED;
		flog_warn(EC_NETSTACK_ZEBRA_ROUTE, "netstack %s: zebra could not install %pFX",
			  stack->name, &entry->prefix);
		break;
	case ZAPI_ROUTE_BETTER_ADMIN_WON:
		/* that is also how a withdrawal ends where there is another route to fall back on */
		if (entry->withdrawn)
			route_removed(stack, entry);
		else
			entry->note = NOTE_BETTER_WON;
		break;
	case ZAPI_ROUTE_REMOVED:
		route_removed(stack, entry);
		break;
	case ZAPI_ROUTE_REMOVE_FAIL:
		flog_warn(EC_NETSTACK_ZEBRA_ROUTE, "netstack %s: zebra could not remove %pFX",
			  stack->name, &entry->prefix);
		route_removed(stack, entry);
		break;
	}
}

/*
 * What zebra has done to a route is among the kernel's notifications by the time it says so.  Whose a
 * default route is, is found out from both (netstack_zebra_default()): neither is to be ahead.
 */
static void keep_up_with_kernel(vrf_id_t vrf_id)
{
	struct netstack *stack = netstack_rib_stack(vrf_id);

	if (stack && stack->inside)
		netstack_kernel_drain_inside(stack);
	else if (stack)
		netstack_kernel_drain();
}

static int route_notify_owner(ZAPI_CALLBACK_ARGS)
{
	enum zapi_route_notify_owner note;
	struct rib_entry *entry = NULL;
	struct netstack *stack;
	struct netstack_prefix kept;
	struct prefix prefix;
	bool is_expected;
	uint32_t table;
	afi_t afi;
	safi_t safi;

	if (!zapi_route_notify_decode(zclient->ibuf, &prefix, &table, &note, &afi, &safi))
		return -1;
	netstack_zebra_heard();
	if (!prefix.prefixlen)
		keep_up_with_kernel(vrf_id);
	stack = netstack_rib_stack(vrf_id);
	kept = netstack_prefix_from(&prefix);
	if (stack)
		entry = netstack_rib_find(stack->rib, &kept);
	DEBUGD(&netstack_dbg_zebra, "netstack %s: zebra says %s of %pFX", stack ? stack->name : "?",
	       note_name(note), &prefix);
	if (!entry)
		return 0;
	if (note == ZAPI_ROUTE_INSTALLED && entry->sent) {
		entry->note = NOTE_INSTALLED;
		entry->unnoted = false;
		netstack_rib_installed(stack->rib, entry);
		return 0;
	}
	is_expected = note == ZAPI_ROUTE_REMOVED && entry->withdrawn;
	note_route(stack, entry, note);
	if (!is_expected || stack->rib->refused || !rib_entries_count(&stack->rib->entries))
		netstack_mark_dirty(stack);
	return 0;
}

static void forget_all(void)
{
	struct netstack *stack;

	frr_each (netstacks, &netstacks, stack) {
		if (!stack->rib)
			continue;
		netstack_rib_keep_ghosts(stack->rib);
		netstack_rib_reset(stack->rib);
	}
	netstack_mark_all_dirty();
}

/*
 * Links and addresses are the kernel's to tell (netstack_events.h).  But libfrr's client of BFD takes no
 * word of a session on a link that it does not know (bfd_get_peer_info()), and of namespaces we have
 * to know which links zebra still sees there (netstack_zebra_sees_links()).
 *
 * With VRF devices libfrr looks for the name of a link that it is told of in all VRFs, one after the
 * other (doc/developer/upstream.md), so it is not told without need.
 */
static bool is_of_use(uint16_t command)
{
	switch (command) {
	case ZEBRA_INTERFACE_ADDRESS_ADD:
	case ZEBRA_INTERFACE_ADDRESS_DELETE:
	case ZEBRA_INTERFACE_LINK_PARAMS:
	case ZEBRA_ROUTER_ID_UPDATE:
		return false;
	case ZEBRA_INTERFACE_UP:
	case ZEBRA_INTERFACE_DOWN:
		return vrf_is_backend_netns();
	case ZEBRA_INTERFACE_ADD:
	case ZEBRA_INTERFACE_DELETE:
		netstack_zebra_heard();
		return vrf_is_backend_netns() || netstack_gateway_bfd_needs_links();
	}
	return true;
}

/* A new zebra gives namespaces other VRF ids, and the former one of a stack may be another's now. */
static void pause_trackers(void)
{
	struct netstack *stack;

	if (netstack_backend() == NETSTACK_BACKEND_NETNS)
		frr_each (netstacks, &netstacks, stack)
			if (!stack->is_default)
				netstack_gateway_pause(stack);
}

static void zebra_connected(struct zclient *client)
{
	netstack_zebra_read_many(client, is_of_use);
	EVENT_OFF(t_quiet);
	is_quiet = false;
	netstack_zebra_process_connected(client->sock);
	zebra_route_notify_send(ZEBRA_ROUTE_NOTIFY_REQUEST, client, true);
	drop_stale_vrfs();
	forget_all();
	pause_trackers();
	netstack_gateway_bfd_connected(client);
}

static void zebra_capabilities(struct zclient_capabilities *cap)
{
	netstack_ecmp_max = cap->ecmp;
	netstack_set_backend(vrf_is_backend_netns() ? NETSTACK_BACKEND_NETNS
						    : NETSTACK_BACKEND_VRF);
	netstack_mark_all_dirty();
}

static zclient_handler *const handlers[] = {
	[ZEBRA_NEXTHOP_LOOKUP] = nexthop_lookup,
	[ZEBRA_ROUTE_NOTIFY_OWNER] = route_notify_owner,
	[ZEBRA_REDISTRIBUTE_ROUTE_ADD] = netstack_rib_default_selected,
	[ZEBRA_REDISTRIBUTE_ROUTE_DEL] = netstack_rib_default_selected,
	[ZEBRA_BFD_DEST_REPLAY] = netstack_gateway_bfd_replay,
};

void netstack_zebra_init(struct event_loop *loop)
{
	vrf_init(NULL, vrf_changed, vrf_changed, NULL);
	hook_register(if_unreal, link_left);
	netstack_zclient =
		zclient_new(loop, &zclient_options_default, handlers, array_size(handlers));
	netstack_zclient->zebra_connected = zebra_connected;
	netstack_zclient->zebra_capabilities = zebra_capabilities;
	netstack_zclient->nexthop_update = netstack_rib_nexthop_update;
	zclient_init(netstack_zclient, ZEBRA_ROUTE_STATIC, NETSTACK_ZEBRA_INSTANCE,
		     &netstack_privs);
	/* libfrr's client of BFD sends if it takes zebra for connected: zclient_init() says that it is not */
	netstack_gateway_bfd_init(netstack_zclient, loop);
}

void netstack_zebra_terminate(void)
{
	if (!netstack_zclient)
		return;
	EVENT_OFF(t_quiet);
	zclient_stop(netstack_zclient);
	zclient_free(netstack_zclient);
	netstack_zclient = NULL;
	netstack_rib_terminate();
}
