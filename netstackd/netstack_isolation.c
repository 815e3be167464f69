// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit of what separates the stacks.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "lib/darr.h"
#include "lib/json.h"
#include "vty.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_isolation.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_text.h"
#include "netstackd/netstack_view.h"
#include "netstackd/netstack_zebra.h"

static const int families[] = { AF_INET, AF_INET6 };
static const char *const family_words[] = { "IPv4", "IPv6" };

/* ------------------------------------------------------------------------------------------
 * Looking at one stack
 */

/* The first link of the route that is not the stack's; NULL: all are, or it has none. */
static const struct netstack_link *link_outside(const struct netstack *stack,
						const struct netstack_fib_route *route)
{
	const struct netstack_observed *obs = netstack_place_observed(stack);
	int kept = MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);
	const struct netstack_link *link;

	if (route->type != RTN_UNICAST)
		return NULL;
	for (int i = 0; i < kept; i++) {
		link = netstack_link_by_index(obs, route->nexthops[i].ifindex);
		if (link && !(link->flags & IFF_LOOPBACK) && !netstack_place_has(stack, link) &&
		    link != netstack_vrf_link(obs, stack))
			return link;
	}
	return NULL;
}

static void find_crossings(const struct netstack *stack, struct netstack_isolation *isolation)
{
	const struct netstack_fib_table *table = netstack_place_fib(stack);
	const struct netstack_fib_route *route;
	const struct netstack_link *link;

	if (!table)
		return;
	frr_each (netstack_fib_routes_const, &table->routes, route) {
		link = link_outside(stack, route);
		if (!link && !(isolation->has_table && route->type == RTN_THROW))
			continue;
		if (netstack_zebra_is_leaked(stack, route))
			continue;
		*darr_append(isolation->crossings) = (struct netstack_crossing){
			.route = route,
			.link = link,
		};
	}
}

/* `throw` goes on with the next rule, past the guard, and so with other tables. */
static const char *way_out(const struct netstack_crossing *crossing)
{
	return crossing->link ? crossing->link->name : "throw";
}

static unsigned int count_rules(const struct netstack_observed *obs, uint32_t table)
{
	struct netstack_rule_table key = { .table = table };
	const struct netstack_rule_table *found =
		netstack_rule_tables_const_find(&obs->rule_tables, &key);

	return found ? found->rules : 0;
}

/*
 * The rule by which packets of VRF devices get to their tables (kernel document vrf.rst, of preference
 * 1000 if nobody has moved it); NULL: there is none.
 */
static const struct netstack_rule *vrf_rule(const struct netstack_observed *obs, int family)
{
	const struct netstack_rule *rule, *first = NULL;

	darr_foreach_p (obs->rules, rule)
		if (rule->family == family && rule->l3mdev &&
		    (!first || rule->preference < first->preference))
			first = rule;
	return first;
}

/* Does the kernel have rules of this family at all? */
static bool has_rules(const struct netstack_observed *obs, int family)
{
	const struct netstack_rule *rule;

	darr_foreach_p (obs->rules, rule)
		if (rule->family == family)
			return true;
	return false;
}

/* `vrf`: the rule of VRF devices of the same family; NULL: there is none. */
static bool precedes(const struct netstack_rule *rule, const struct netstack_rule *vrf)
{
	return vrf && rule->preference < vrf->preference;
}

/* May the rule be about packets of the stack? */
static bool is_about(const struct netstack_rule *rule, const struct netstack *stack)
{
	const char *ifname = rule->iif[0] ? rule->iif : rule->oif;
	const struct netstack_link *link;

	/* `iif lo` is for what the router itself sends, through whatever stack */
	if (rule->inverted || !ifname[0] || strmatch(ifname, "lo"))
		return true;
	if (strmatch(ifname, netstack_vrf_name(stack)))
		return true;
	link = netstack_place_link(stack, ifname);
	return link && netstack_place_has(stack, link);
}

static void find_detours(const struct netstack *stack, struct netstack_isolation *isolation)
{
	const struct netstack_observed *obs = netstack_observed();
	const struct netstack_rule *vrfs[array_size(families)];
	const struct netstack_rule *rule;

	for (size_t i = 0; i < array_size(families); i++)
		vrfs[i] = vrf_rule(obs, families[i]);
	darr_foreach_p (obs->rules, rule) {
		const struct netstack_rule *vrf = vrfs[rule->family == AF_INET6];

		if (!precedes(rule, vrf) || !is_about(rule, stack))
			continue;
		if (rule->go_to ? rule->go_to <= vrf->preference
				: rule->table == stack->table || rule->table == RT_TABLE_LOCAL)
			continue;
		isolation->detours++;
		if (!isolation->detour)
			isolation->detour = rule;
	}
}

/*
 * Is the rule of the local table, where the addresses of the default VRF are, before that of VRF
 * devices, as it is by default (kernel document vrf.rst)?
 */
static bool is_local_first(const struct netstack_observed *obs)
{
	const struct netstack_rule *rule;

	darr_foreach_p (obs->rules, rule)
		if (rule->table == RT_TABLE_LOCAL && precedes(rule, vrf_rule(obs, rule->family)))
			return true;
	return false;
}

static void judge(struct netstack_isolation *isolation, const char *state, const char *format, ...)
	PRINTFRR(3, 4);

static void judge(struct netstack_isolation *isolation, const char *state, const char *format, ...)
{
	struct netstack_status *status = &isolation->status;
	va_list args;

	status->state = state;
	va_start(args, format);
	vsnprintfrr(status->reason, sizeof(status->reason), format, args);
	va_end(args);
}

static bool has_leaked(const struct netstack *stack)
{
	const struct netstack_leak *leak;

	frr_each (netstack_leaks_const, &stack->leaks, leak)
		if (netstack_leak_route_count(leak))
			return true;
	return false;
}

/* By what it is exposed first; false: by nothing. */
static bool is_exposed(const struct netstack *stack, struct netstack_isolation *isolation)
{
	const struct netstack_crossing *crossing = isolation->crossings;
	const struct netstack_observed *obs = netstack_observed();
	const struct netstack_rule *detour = isolation->detour;

	for (size_t i = 0; i < array_size(families) && isolation->has_table; i++) {
		if (!isolation->guards[i])
			judge(isolation, "exposed", "its table has no unreachable default, %s",
			      family_words[i]);
		else if (has_rules(obs, families[i]) && !vrf_rule(obs, families[i]))
			judge(isolation, "exposed", "there is no ip rule for VRF devices, %s",
			      family_words[i]);
		else
			continue;
		return true;
	}
	if (isolation->has_table && !obs->strict_mode)
		judge(isolation, "exposed", "net.vrf.strict_mode is 0");
	else if (isolation->rules)
		judge(isolation, "exposed", "an ip rule looks into table %u", stack->table);
	else if (detour && detour->go_to)
		judge(isolation, "exposed", "ip rule %u takes its packets past its table",
		      detour->preference);
	else if (detour)
		judge(isolation, "exposed", "ip rule %u takes its packets to table %u",
		      detour->preference, detour->table);
	else if (crossing)
		judge(isolation, "exposed", "route %pFX leaves it by %s", &crossing->route->prefix,
		      way_out(crossing));
	else
		return false;
	return true;
}

void netstack_isolation_look(const struct netstack *stack, struct netstack_isolation *isolation)
{
	const struct netstack_observed *obs = netstack_observed();

	*isolation = (struct netstack_isolation){};
	if (!netstack_place_exists(stack)) {
		judge(isolation, "down", "there is no such stack in the kernel");
		return;
	}
	isolation->has_table = !stack->is_default && netstack_backend() == NETSTACK_BACKEND_VRF;
	if (isolation->has_table) {
		for (size_t i = 0; i < array_size(families); i++)
			isolation->guards[i] =
				netstack_has_unreachable(obs, stack->table, families[i]);
		isolation->rules = count_rules(obs, stack->table);
		find_detours(stack, isolation);
	}
	find_crossings(stack, isolation);
	if (is_exposed(stack, isolation))
		return;
	if (has_leaked(stack))
		judge(isolation, "leaking", "%s", "");
	else
		judge(isolation, "isolated", "%s", "");
}

void netstack_isolation_fini(struct netstack_isolation *isolation)
{
	darr_free(isolation->crossings);
}

/* ------------------------------------------------------------------------------------------
 * As text
 */

static const char *yes(bool value)
{
	return value ? "yes" : "no";
}

static void out_columns(struct vty *vty, struct netstack_columns *columns)
{
	char *text = netstack_columns_format(columns);

	vty_out(vty, "%s", text);
	XFREE(MTYPE_TMP, text);
	netstack_columns_free(columns);
}

static const char *setting(int value)
{
	return value < 0 ? "not there" : value ? "1" : "0";
}

static void show_settings(struct vty *vty)
{
	const struct netstack_observed *obs = netstack_observed();

	vty_out(vty, "net.vrf.strict_mode:        %s\n",
		obs->has_vrf ? setting(obs->strict_mode) : "not there");
	vty_out(vty, "net.ipv4.tcp_l3mdev_accept: %s\n", setting(obs->tcp_l3mdev_accept));
	vty_out(vty, "net.ipv4.udp_l3mdev_accept: %s\n", setting(obs->udp_l3mdev_accept));
	if (netstack_backend() == NETSTACK_BACKEND_VRF)
		vty_out(vty, "Rule of the local table:    %s\n",
			is_local_first(obs)
				? "before the VRFs': what is local in the default stack is so in all"
				: "after the VRFs'");
	vty_out(vty, "\n");
}

static void show_stack(struct netstack_columns *columns, const struct netstack *stack)
{
	struct netstack_isolation isolation;

	netstack_isolation_look(stack, &isolation);
	netstack_columns_add(columns, "%s", stack->name);
	netstack_columns_add(columns, "%s", isolation.status.state);
	for (size_t i = 0; i < array_size(families); i++)
		netstack_columns_add(columns, "%s",
				     isolation.has_table ? yes(isolation.guards[i]) : "-");
	if (isolation.has_table)
		netstack_columns_add(columns, "%u", isolation.rules + isolation.detours);
	else
		netstack_columns_add(columns, "-");
	netstack_columns_add(columns, "%u", darr_len(isolation.crossings));
	netstack_columns_add(columns, "%zu", netstack_leaks_count(&stack->leaks));
	netstack_columns_add_text(columns, isolation.status.reason);
	netstack_isolation_fini(&isolation);
}

static void show_leak(struct vty *vty, const struct netstack_leak *leak)
{
	const struct netstack_leaked_routes_head *routes = netstack_leak_routes(leak);
	const struct netstack_leaked_route *route;
	struct netstack_status status;

	netstack_leak_status(leak, &status);
	vty_out(vty, "\nLeak from %s into %s, prefix-list %s: %s%s%s\n", leak->from,
		leak->stack->name, leak->plist, status.state, status.reason[0] ? ": " : "",
		status.reason);
	if (!routes)
		return;
	frr_each (netstack_leaked_routes_const, routes, route) {
		netstack_leak_route_status(leak, route, &status);
		vty_out(vty, "  %pFX %s%s%s\n", &route->prefix, status.state,
			status.reason[0] ? ": " : "", status.reason);
	}
}

static void show_crossings(struct vty *vty, const struct netstack *stack)
{
	struct netstack_isolation isolation;
	struct netstack_crossing *crossing;
	char protocol[16];

	netstack_isolation_look(stack, &isolation);
	darr_foreach_p (isolation.crossings, crossing)
		vty_out(vty, "\nOut of %s, by no leak: %pFX by %s, of %s\n", stack->name,
			&crossing->route->prefix, way_out(crossing),
			netstack_protocol_name(crossing->route->proto, protocol, sizeof(protocol)));
	netstack_isolation_fini(&isolation);
}

static const char *const stack_columns[] = { "Name",   "State",	     "Guard IPv4", "Guard IPv6",
					     ">Rules", ">Crossings", ">Leaks",	   "Reason" };

void netstack_isolation_show(struct vty *vty)
{
	struct netstack_columns *columns =
		netstack_columns_new(stack_columns, array_size(stack_columns));
	const struct netstack_leak *leak;
	struct netstack *stack;

	show_settings(vty);
	frr_each (netstacks, &netstacks, stack)
		if (!netstack_awaits_config(stack))
			show_stack(columns, stack);
	out_columns(vty, columns);
	frr_each (netstacks, &netstacks, stack) {
		frr_each (netstack_leaks_const, &stack->leaks, leak)
			show_leak(vty, leak);
		show_crossings(vty, stack);
	}
}

/* ------------------------------------------------------------------------------------------
 * As JSON
 */

static void add_status(struct json_object *json, const struct netstack_status *status)
{
	json_object_string_add(json, "state", status->state);
	json_object_string_add(json, "reason", status->reason);
}

static struct json_object *json_leak(const struct netstack_leak *leak)
{
	const struct netstack_leaked_routes_head *routes = netstack_leak_routes(leak);
	struct json_object *json = json_object_new_object(), *list = json_object_new_array();
	const struct netstack_leaked_route *route;
	struct netstack_status status;

	netstack_leak_status(leak, &status);
	json_object_string_add(json, "from", leak->from);
	json_object_string_add(json, "prefixList", leak->plist);
	add_status(json, &status);
	json_object_int_add(json, "routeCount", netstack_leak_route_count(leak));
	if (routes)
		frr_each (netstack_leaked_routes_const, routes, route) {
			struct json_object *entry = json_object_new_object();

			netstack_leak_route_status(leak, route, &status);
			json_object_string_addf(entry, "prefix", "%pFX", &route->prefix);
			add_status(entry, &status);
			json_object_array_add(list, entry);
		}
	json_object_object_add(json, "routes", list);
	return json;
}

struct json_object *netstack_json_leaks(const struct netstack *stack)
{
	struct json_object *leaks = json_object_new_array();
	const struct netstack_leak *leak;

	frr_each (netstack_leaks_const, &stack->leaks, leak)
		json_object_array_add(leaks, json_leak(leak));
	return leaks;
}

static struct json_object *json_crossings(const struct netstack_isolation *isolation)
{
	struct json_object *list = json_object_new_array();
	struct netstack_crossing *crossing;
	char protocol[16];

	darr_foreach_p (isolation->crossings, crossing) {
		struct json_object *json = json_object_new_object();

		json_object_string_addf(json, "prefix", "%pFX", &crossing->route->prefix);
		json_object_string_add(json, "interface",
				       crossing->link ? crossing->link->name : "");
		json_object_string_add(json, "protocol",
				       netstack_protocol_name(crossing->route->proto, protocol,
							      sizeof(protocol)));
		json_object_array_add(list, json);
	}
	return list;
}

static struct json_object *json_stack(const struct netstack *stack)
{
	struct json_object *json = json_object_new_object(), *guards;
	struct netstack_isolation isolation;

	netstack_isolation_look(stack, &isolation);
	add_status(json, &isolation.status);
	json_object_string_add(json, "vrf", netstack_vrf_name(stack));
	if (isolation.has_table) {
		guards = json_object_new_object();
		json_object_boolean_add(guards, "ipv4", isolation.guards[0]);
		json_object_boolean_add(guards, "ipv6", isolation.guards[1]);
		json_object_object_add(json, "guards", guards);
		json_object_int_add(json, "table", stack->table);
		json_object_int_add(json, "ruleCount", isolation.rules + isolation.detours);
	}
	json_object_object_add(json, "leaks", netstack_json_leaks(stack));
	json_object_object_add(json, "crossings", json_crossings(&isolation));
	netstack_isolation_fini(&isolation);
	return json;
}

static void add_setting(struct json_object *json, const char *key, int value)
{
	if (value >= 0)
		json_object_boolean_add(json, key, value > 0);
}

struct json_object *netstack_isolation_json(void)
{
	const struct netstack_observed *obs = netstack_observed();
	struct json_object *json = json_object_new_object(), *stacks = json_object_new_object();
	struct netstack *stack;

	json_object_string_add(json, "backend", netstack_view_backend());
	add_setting(json, "strictMode", obs->has_vrf ? obs->strict_mode : -1);
	add_setting(json, "tcpL3mdevAccept", obs->tcp_l3mdev_accept);
	add_setting(json, "udpL3mdevAccept", obs->udp_l3mdev_accept);
	if (netstack_backend() == NETSTACK_BACKEND_VRF)
		json_object_boolean_add(json, "localRuleFirst", is_local_first(obs));
	frr_each (netstacks, &netstacks, stack)
		if (!netstack_awaits_config(stack))
			json_object_object_add(stacks, stack->name, json_stack(stack));
	json_object_object_add(json, "stacks", stacks);
	return json;
}
