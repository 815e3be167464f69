// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that look.  They read what is known and ask nobody.
 */

#include <zebra.h>

#include "command.h"
#include "lib/darr.h"
#include "lib/json.h"
#include "northbound_cli.h"

#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_isolation.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_show.h"
#include "netstackd/netstack_summary.h"
#include "netstackd/netstack_text.h"
#include "netstackd/netstack_view.h"

#include "netstackd/netstack_show_clippy.c"

#define NETSTACK_STR "TCP/IP stacks\n"
#define NAME_STR     "Name of a stack\n"

static void out_columns(struct vty *vty, struct netstack_columns *columns)
{
	char *text = netstack_columns_format(columns);

	vty_out(vty, "%s", text);
	XFREE(MTYPE_TMP, text);
	netstack_columns_free(columns);
}

/* The stack that is to be shown; NULL: there is none, or none yet. */
static struct netstack *find_shown(const char *name)
{
	struct netstack *stack = netstack_find(name);

	return stack && !netstack_awaits_config(stack) ? stack : NULL;
}

/* JSON is always valid, also when there is nothing to show. */
static int no_such_stack(struct vty *vty, const char *name, bool json)
{
	if (json)
		vty_json_empty(vty, NULL);
	else if (netstack_find(name))
		vty_out(vty, "%% netstack %s: the configuration has not been read yet\n", name);
	else
		vty_out(vty, "%% netstack %s does not exist\n", name);
	return CMD_WARNING;
}

/*
 * One line a stack
 */

static const char *const stack_columns[] = { "Name",	"State",	"VRF",		">Table",
					     ">Intf",	"IPv4 gateway", "IPv6 gateway", ">Neigh",
					     ">Routes", "Reason" };

static int gateway_rank(const struct netstack_status *status)
{
	static const char *const order[] = { "active", "standby", "unreachable", "pending" };
	int rank = 0;

	while (rank < (int)array_size(order) && strcmp(order[rank], status->state))
		rank++;
	return rank;
}

/* The best of the family's gateways, with its state, and how many more there are. */
static void gateway_cell(struct netstack_columns *columns,
			 const struct netstack_view_gateway *gateways, int family)
{
	const struct netstack_view_gateway *view, *best = NULL;
	char name[INET6_ADDRSTRLEN];
	int more = -1;

	darr_foreach_p (gateways, view) {
		if (view->family != family)
			continue;
		more++;
		if (!best || gateway_rank(&view->status) < gateway_rank(&best->status))
			best = view;
	}
	if (!best) {
		netstack_columns_add(columns, "-");
		return;
	}
	if (IS_IPADDR_NONE(&best->address))
		strlcpy(name, best->ifname, sizeof(name));
	else
		snprintfrr(name, sizeof(name), "%pIA", &best->address);
	if (more)
		netstack_columns_add(columns, "%s %s (+%d)", name, best->status.state, more);
	else
		netstack_columns_add(columns, "%s %s", name, best->status.state);
}

static void stack_row(struct netstack_columns *columns, const struct netstack *stack)
{
	struct netstack_view_gateway *gateways = netstack_view_gateways(stack);
	struct netstack_view_count interfaces = netstack_view_if_count(stack);
	struct netstack_status status;
	char table[16];

	netstack_status_stack(stack, &status);
	netstack_columns_add(columns, "%s", stack->name);
	netstack_columns_add(columns, "%s", status.state);
	netstack_columns_add(columns, "%s", netstack_vrf_name(stack));
	netstack_columns_add(columns, "%s",
			     netstack_show_table_name(netstack_view_table(stack), table,
						      sizeof(table)));
	netstack_columns_add(columns, "%u/%u", interfaces.up, interfaces.all);
	gateway_cell(columns, gateways, AF_INET);
	gateway_cell(columns, gateways, AF_INET6);
	darr_free(gateways);
	netstack_columns_add(columns, "%u", netstack_status_neighbor_count(stack));
	netstack_columns_add(columns, "%u", netstack_status_route_count(stack));
	netstack_columns_add_text(columns, status.reason);
}

/*
 * show netstack [NAME] [detail] [json]
 */

typedef void (*stack_fn)(const struct netstack *stack, void *arg);

/* Calls fn for one stack, or for all if `only` is NULL: `default`, then the others by name. */
static void each_stack(const struct netstack *only, stack_fn fn, void *arg)
{
	struct netstack *stack;

	if (only) {
		fn(only, arg);
		return;
	}
	fn(netstack_find(NETSTACK_DEFAULT_NAME), arg);
	frr_each (netstacks, &netstacks, stack)
		if (!stack->is_default && !netstack_awaits_config(stack))
			fn(stack, arg);
}

/* What is not shown, and why: right after the start. */
static void out_unread(struct vty *vty)
{
	struct netstack *stack;
	unsigned int count = 0;

	frr_each (netstacks, &netstacks, stack)
		count += netstack_awaits_config(stack);
	if (count)
		vty_out(vty,
			"The configuration has not been read yet: %u more %s from before the restart\n",
			count, count == 1 ? "stack is" : "stacks are");
}

static void add_line(const struct netstack *stack, void *arg)
{
	stack_row(arg, stack);
}

static void add_block(const struct netstack *stack, void *arg)
{
	struct vty *vty = arg;

	if (!stack->is_default)
		vty_out(vty, "\n");
	netstack_show_detail(vty, stack);
}

/* Members of an object, one by one: thousands of stacks are many megabytes as objects of json-c. */
struct json_members {
	struct vty *vty;
	bool detail;
	unsigned int count;
};

/* As vty_json() writes a member of an object. */
static void out_member(const struct netstack *stack, void *arg)
{
	static const char begin[] = "{\n", end[] = "\n}";
	struct json_members *members = arg;
	struct json_object *object = json_object_new_object();
	const char *text;
	size_t len;

	json_object_object_add(object, stack->name, netstack_json_stack(stack, members->detail));
	text = json_object_to_json_string_length(object,
						 JSON_C_TO_STRING_PRETTY |
							 JSON_C_TO_STRING_NOSLASHESCAPE,
						 &len);
	vty_out(members->vty, "%s%.*s", members->count++ ? ",\n" : begin,
		(int)(len - strlen(begin) - strlen(end)), text + strlen(begin));
	json_object_free(object);
}

static int show_json(struct vty *vty, const struct netstack *only, bool detail)
{
	struct json_members members = { .vty = vty, .detail = detail };

	each_stack(only, out_member, &members);
	vty_out(vty, "\n}\n");
	return CMD_SUCCESS;
}

static int show_stacks(struct vty *vty, const char *name, bool detail, bool json)
{
	const struct netstack *only = name ? find_shown(name) : NULL;
	struct netstack_columns *columns;

	if (name && !only)
		return no_such_stack(vty, name, json);
	if (json)
		return show_json(vty, only, detail);
	if (detail) {
		if (only)
			netstack_show_detail(vty, only);
		else
			each_stack(NULL, add_block, vty);
	} else {
		columns = netstack_columns_new(stack_columns, array_size(stack_columns));
		each_stack(only, add_line, columns);
		out_columns(vty, columns);
	}
	if (!only)
		out_unread(vty);
	return CMD_SUCCESS;
}

/*
 * A word that begins like a keyword is taken for its abbreviation by the command parser: with
 * stacks named "d" or "sum", `show netstack d` is meant to be about them.  Keywords win only when
 * they are written in full.
 */
static const char *abbreviation_is_name(const struct cmd_token *token)
{
	if (token->type != WORD_TKN || strcmp(token->text, token->arg) == 0)
		return NULL;
	return netstack_find(token->arg) ? token->arg : NULL;
}

DEFPY(show_netstack, show_netstack_cmd, "show netstack [NAME$netstack] [detail$detail] [json$json]",
      SHOW_STR NETSTACK_STR NAME_STR "Everything about each stack\n" JSON_STR)
{
	const char *meant = argc > 2 && !netstack ? abbreviation_is_name(argv[2]) : NULL;

	if (meant && strmatch(argv[2]->text, "detail"))
		return show_stacks(vty, meant, false, !!json);
	if (meant)
		return show_stacks(vty, meant, false, false);
	return show_stacks(vty, netstack, !!detail, !!json);
}

/*
 * show netstack NAME <interface|gateway|route|neighbor|limits> [json]
 */

static const char *const if_columns[] = {
	"Interface", "State", "MAC", ">MTU", "Addresses", "Reason"
};

/* One address a line; the first is on the interface's own. */
static void if_address_rows(struct netstack_columns *columns, const struct netstack_view_if *view,
			    const char *reason)
{
	struct netstack_view_address *addresses = netstack_view_addresses(view), *address;

	darr_foreach_p (addresses, address) {
		if (address != addresses)
			for (int i = 0; i < 4; i++)
				netstack_columns_add_text(columns, "");
		netstack_columns_add(columns, "%pFX%s", address->prefix,
				     address->in_force ? "" : " pending");
		/* without the interface there is no address: its own reason says why */
		netstack_columns_add_text(columns, address == addresses && reason[0]
							   ? reason
							   : address->reason);
	}
	if (!addresses) {
		netstack_columns_add(columns, "-");
		netstack_columns_add_text(columns, reason);
	}
	darr_free(addresses);
}

static void show_interfaces(struct vty *vty, const struct netstack *stack)
{
	struct netstack_columns *columns = netstack_columns_new(if_columns, array_size(if_columns));
	struct netstack_view_if *views = netstack_view_ifs(stack), *view;
	const struct ethaddr *mac;
	struct netstack_status status;

	darr_foreach_p (views, view) {
		netstack_view_if_status(view, &status);
		mac = netstack_view_if_mac(view);
		netstack_columns_add(columns, "%s", view->name);
		netstack_columns_add(columns, "%s", status.state);
		if (mac)
			netstack_columns_add(columns, "%pEA", mac);
		else
			netstack_columns_add(columns, "-");
		if (view->link)
			netstack_columns_add(columns, "%u", view->link->mtu);
		else
			netstack_columns_add(columns, "-");
		if_address_rows(columns, view, status.reason);
	}
	darr_free(views);
	out_columns(vty, columns);
}

static const char *const gateway_columns[] = { "Gateway", "Interface", ">Distance",
					       "State",	  "Track",     "Reason" };

/* "icmp up 00:01:10"; "-": it is not tracked, or not ours (NULL). */
static void track_cell(struct netstack_columns *columns, const struct netstack_route *route)
{
	const char *kind = route && route->track ? netstack_track_word(route->track->kind) : NULL;
	struct netstack_gateway_status track;
	char state[64];

	if (!kind)
		netstack_columns_add(columns, "-");
	else if (netstack_gateway_status(route, &track))
		netstack_columns_add(columns, "%s %s", kind,
				     netstack_show_track_state(&track, state, sizeof(state)));
	else
		netstack_columns_add(columns, "%s", kind);
}

/* Why a gateway is what it is, or what its tracker has to say of itself. */
static void gateway_reason(struct netstack_columns *columns, const struct netstack_route *route,
			   const struct netstack_status *status)
{
	struct netstack_gateway_status track;

	if (!status->reason[0] && route && netstack_gateway_status(route, &track))
		netstack_columns_add_text(columns, track.reason);
	else
		netstack_columns_add_text(columns, status->reason);
}

static void gateway_row(struct netstack_columns *columns, const struct netstack_view_gateway *view)
{
	if (IS_IPADDR_NONE(&view->address))
		netstack_columns_add(columns, "-");
	else
		netstack_columns_add(columns, "%pIA", &view->address);
	netstack_columns_add(columns, "%s", view->ifname);
	if (view->distance < 0)
		netstack_columns_add(columns, "-");
	else
		netstack_columns_add(columns, "%d", view->distance);
	netstack_columns_add(columns, "%s", view->status.state);
	track_cell(columns, view->route);
	gateway_reason(columns, view->route, &view->status);
}

static void show_gateways(struct vty *vty, const struct netstack *stack)
{
	struct netstack_columns *columns =
		netstack_columns_new(gateway_columns, array_size(gateway_columns));
	struct netstack_view_gateway *views = netstack_view_gateways(stack), *view;

	darr_foreach_p (views, view)
		gateway_row(columns, view);
	darr_free(views);
	out_columns(vty, columns);
}

static const char *const route_columns[] = { "Prefix",	 "Next hop",  "Interface",
					     "Protocol", ">Distance", ">Metric",
					     "State",	 "Track",     "Reason" };

static void show_routes(struct vty *vty, const struct netstack *stack)
{
	struct netstack_columns *columns =
		netstack_columns_new(route_columns, array_size(route_columns));
	struct netstack_view_route *views = netstack_view_routes(stack), *view;
	struct netstack_status status;
	char buf[64];

	darr_foreach_p (views, view) {
		netstack_view_route_status(view, &status);
		netstack_columns_add(columns, "%pFX", netstack_view_prefix(view));
		netstack_columns_add(columns, "%s", netstack_view_nexthop(view, buf, sizeof(buf)));
		netstack_columns_add(columns, "%s", view->ifname);
		netstack_columns_add(columns, "%s", netstack_view_protocol(view, buf, sizeof(buf)));
		if (view->route) {
			netstack_columns_add(columns, "%u", view->route->distance);
			netstack_columns_add(columns, "-");
		} else {
			netstack_columns_add(columns, "-");
			netstack_columns_add(columns, "%u", view->fib->metric);
		}
		netstack_columns_add(columns, "%s", status.state);
		track_cell(columns, view->route);
		gateway_reason(columns, view->route, &status);
	}
	darr_free(views);
	out_columns(vty, columns);
}

static const char *const neighbor_columns[] = { "Address", "Interface", "MAC",
						"Kind",	   "State",	"Reason" };

static void show_neighbors(struct vty *vty, const struct netstack *stack)
{
	struct netstack_columns *columns =
		netstack_columns_new(neighbor_columns, array_size(neighbor_columns));
	struct netstack_view_neighbor *views = netstack_view_neighbors(stack), *view;
	const struct ethaddr *mac;
	struct netstack_status status;

	darr_foreach_p (views, view) {
		netstack_view_neighbor_status(stack, view, &status);
		mac = netstack_view_neighbor_mac(view);
		netstack_columns_add(columns, "%pIA", netstack_view_neighbor_address(view));
		netstack_columns_add(columns, "%s", view->ifname);
		if (mac)
			netstack_columns_add(columns, "%pEA", mac);
		else
			netstack_columns_add(columns, "-");
		netstack_columns_add(columns, "%s", netstack_view_neighbor_kind(view));
		netstack_columns_add(columns, "%s", status.state);
		netstack_columns_add_text(columns, status.reason);
	}
	darr_free(views);
	out_columns(vty, columns);
}

static const char *const limit_columns[] = { "Limit", ">Requested",   ">In force", ">Use",
					     "State", "At the limit", "Reason" };

static const char *limit_consequence(enum netstack_limit_kind kind, bool warning_only)
{
	if (warning_only)
		return "warning only";
	return kind == NETSTACK_LIMIT_ROUTES ? "own routes wait" : "oldest are removed";
}

static void show_limits(struct vty *vty, const struct netstack *stack)
{
	struct netstack_columns *columns =
		netstack_columns_new(limit_columns, array_size(limit_columns));
	struct netstack_limit_view view;

	for (enum netstack_limit_kind kind = 0; kind < NETSTACK_LIMITS; kind++) {
		netstack_limit_view(stack, kind, &view);
		netstack_columns_add(columns, "%s", netstack_limit_name(kind));
		if (view.requested) {
			netstack_columns_add(columns, "%u", view.requested);
			netstack_columns_add(columns, "%u", view.in_force);
		} else {
			netstack_columns_add(columns, "-");
			netstack_columns_add(columns, "-");
		}
		netstack_columns_add(columns, "%u", view.use);
		netstack_columns_add(columns, "%s", netstack_limit_level_name(view.level));
		netstack_columns_add(columns, "%s",
				     view.requested ? limit_consequence(kind, view.warning_only)
						    : "-");
		netstack_columns_add_text(columns, view.reason);
	}
	out_columns(vty, columns);
}

/* What a stack can be asked for by a word of its own. */
static const struct part {
	const char *word;
	const char *key; /* in JSON */
	void (*text)(struct vty *vty, const struct netstack *stack);
	struct json_object *(*json)(const struct netstack *stack);
} parts[] = {
	{ "interface", "interfaces", show_interfaces, netstack_json_interfaces },
	{ "gateway", "gateways", show_gateways, netstack_json_gateways },
	{ "route", "routes", show_routes, netstack_json_routes },
	{ "neighbor", "neighbors", show_neighbors, netstack_json_neighbors },
	{ "limits", "limits", show_limits, netstack_json_limits },
};

DEFPY(show_netstack_part, show_netstack_part_cmd,
      "show netstack NAME$netstack <interface|gateway|route|neighbor|limits>$part [json$json]",
      SHOW_STR NETSTACK_STR NAME_STR "Interfaces, their addresses and state\n"
				     "Default gateways and their reachability\n"
				     "Routing table, with what is configured and not in force\n"
				     "ARP and ND table, with what is configured and not in force\n"
				     "Limits: what is requested, in force, and used\n" JSON_STR)
{
	const struct netstack *stack = find_shown(netstack);
	struct json_object *object;

	if (!stack)
		return no_such_stack(vty, netstack, !!json);
	for (size_t i = 0; i < array_size(parts); i++) {
		if (!strmatch(parts[i].word, part))
			continue;
		if (json) {
			object = json_object_new_object();
			json_object_object_add(object, parts[i].key, parts[i].json(stack));
			return vty_json(vty, object);
		}
		parts[i].text(vty, stack);
	}
	return CMD_SUCCESS;
}

/*
 * show netstack summary [json]
 */

static void summary_stacks(struct vty *vty, const struct netstack_summary *summary)
{
	const char *separator = " (";

	vty_out(vty, "Stacks:      %u", summary->stacks);
	for (size_t i = 0; i < NETSTACK_SUMMARY_STATES; i++) {
		if (!summary->by_state[i])
			continue;
		vty_out(vty, "%s%u %s", separator, summary->by_state[i],
			netstack_summary_states[i]);
		separator = ", ";
	}
	vty_out(vty, ")\n");
	out_unread(vty);
}

static void show_summary(struct vty *vty)
{
	const struct netstack_reconcile_stats *work;
	const struct netstack_kernel_stats *kernel;
	struct netstack_summary summary;
	char age[32];

	netstack_summary(&summary);
	work = summary.work;
	kernel = summary.kernel;
	summary_stacks(vty, &summary);
	vty_out(vty, "Interfaces:  %u up of %u\n", summary.interfaces.up, summary.interfaces.all);
	vty_out(vty, "Gateways:    %u active of %u\n", summary.gateways.up, summary.gateways.all);
	vty_out(vty, "Routes:      %u\n", summary.routes);
	vty_out(vty, "Neighbors:   %u\n", summary.neighbors);
	vty_out(vty, "Tables:      %u in use, allocated from %u to %u\n", summary.tables,
		netstack_global.table_first, netstack_global.table_last);
	vty_out(vty, "Backend:     %s\n", netstack_view_backend());
	vty_out(vty, "Zebra:       %s\n", summary.zebra ? "connected" : "not connected");
	vty_out(vty,
		"Kernel:      %" PRIu64 " operations, %" PRIu64 " failed; %" PRIu64
		" events, %" PRIu64 " overruns\n",
		kernel->operations, kernel->failures, kernel->events, kernel->overruns);
	vty_out(vty, "Work:        %u queued, %u problems, %" PRIu64 " repairs, %" PRIu64 " runs\n",
		work->dirty, work->problems, work->repairs, work->runs);
	if (work->last_error_at)
		vty_out(vty, "Last error:  %s ago: %s\n",
			frrtime_to_interval(summary.error_age, age, sizeof(age)), work->last_error);
	else
		vty_out(vty, "Last error:  none\n");
}

DEFPY(show_netstack_summary, show_netstack_summary_cmd, "show netstack summary [json$json]",
      SHOW_STR NETSTACK_STR "Totals, work queued, last error\n" JSON_STR)
{
	const char *meant = abbreviation_is_name(argv[2]);
	struct netstack_summary summary;

	if (meant)
		return show_stacks(vty, meant, false, !!json);
	if (!json) {
		show_summary(vty);
		return CMD_SUCCESS;
	}
	netstack_summary(&summary);
	return vty_json(vty, netstack_json_summary(&summary));
}

/*
 * show netstack isolation [json]
 */

DEFPY(show_netstack_isolation, show_netstack_isolation_cmd, "show netstack isolation [json$json]",
      SHOW_STR NETSTACK_STR
      "What separates the stacks: guards, rules, settings; and leaks between them\n" JSON_STR)
{
	const char *meant = abbreviation_is_name(argv[2]);

	if (meant)
		return show_stacks(vty, meant, false, !!json);
	if (json)
		return vty_json(vty, netstack_isolation_json());
	netstack_isolation_show(vty);
	return CMD_SUCCESS;
}

/*
 * clear netstack NAME neighbor [A.B.C.D|X:X::X:X]
 */

DEFPY_YANG(clear_netstack_neighbor, clear_netstack_neighbor_cmd,
	   "clear netstack NAME$netstack neighbor [<A.B.C.D|X:X::X:X>$address]",
	   CLEAR_STR NETSTACK_STR NAME_STR
	   "Learned entries of its ARP and ND table; permanent ones stay\n"
	   "Only the entry of this IPv4 address\n"
	   "Only the entry of this IPv6 address\n")
{
	/* libfrr asserts that the input of an RPC is valid; what exists is */
	if (!netstack_find(netstack))
		return no_such_stack(vty, netstack, false);
	nb_cli_rpc_enqueue(vty, "netstack", netstack);
	if (address)
		nb_cli_rpc_enqueue(vty, "address", address_str);
	return nb_cli_rpc(vty, "/frr-netstack:clear-neighbor", NULL);
}

void netstack_show_init(void)
{
	install_element(VIEW_NODE, &show_netstack_cmd);
	install_element(VIEW_NODE, &show_netstack_part_cmd);
	install_element(VIEW_NODE, &show_netstack_isolation_cmd);
	install_element(VIEW_NODE, &show_netstack_summary_cmd);
	install_element(ENABLE_NODE, &clear_netstack_neighbor_cmd);
}
