// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure gateways, routes and permanent neighbours of a stack.
 */

#include <zebra.h>

#include "command.h"
#include "memory.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_candidate.h"
#include "netstackd/netstack_cli.h"
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_plain.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

#include "netstackd/netstack_cli_route_clippy.c"

#define DISTANCE_STR	   "Preference among several: the lowest one that is usable\n"
#define DISTANCE_VALUE_STR "Administrative distance, 1 by default\n"
#define VIA_STR		   "Only through this interface\n"

/* `track …`, at the end of the line; one string, for clippy. */
#define TRACK_CMD                                                                                  \
	"[track$track <bfd$bfd [profile NAME$profile]|arp$arp|icmp$icmp [interval (50-60000)$interval] [multiplier (1-255)$multiplier]> [hold-down (0-86400)$hold_down]]"
#define TRACK_STR                                                                                  \
	"Use it only as long as it answers\n"                                                      \
	"By a BFD session with it\n"                                                               \
	"BFD profile: how often, and how many may be lost\n"                                       \
	"Name of a profile of the BFD daemon\n"                                                    \
	"By the kernel's ARP entry of it, or ND entry\n"                                           \
	"By ICMP echoes\n"                                                                         \
	"Time between two echoes\n"                                                                \
	"Milliseconds, 1000 by default\n"                                                          \
	"How many echoes in a row may be lost\n"                                                   \
	"Echoes, 3 by default\n"                                                                   \
	"How long it has to answer, after a failure, before it is used again\n"                    \
	"Seconds, 3 by default\n"

/*
 * XPath: /frr-netstack:netstack/stack/default-gateway
 */

/* What was typed after the address; NULL: not typed. */
struct typed_next_hop {
	const char *ifname;
	const char *distance;
	const char *track; /* bfd, arp, icmp; what follows is of it */
	const char *profile;
	const char *interval;
	const char *multiplier;
	const char *hold_down;
};

/* The leaf is to be set if there is a value. */
static void enqueue_leaf(struct vty *vty, const char *xpath, const char *leaf, const char *value)
{
	char leaf_xpath[XPATH_MAXLEN + 16];

	if (!value)
		return;
	snprintf(leaf_xpath, sizeof(leaf_xpath), "%s/%s", xpath, leaf);
	nb_cli_enqueue_change(vty, leaf_xpath, NB_OP_MODIFY, value);
}

/* Makes a next hop what was typed, and nothing else, whether it is there already or not. */
static int set_next_hop(struct vty *vty, const char *xpath, const struct typed_next_hop *typed)
{
	char part[XPATH_MAXLEN];

	nb_cli_enqueue_change(vty, xpath, NB_OP_REPLACE, NULL);
	enqueue_leaf(vty, xpath, "distance", typed->distance);
	if (typed->track) {
		snprintf(part, sizeof(part), "%s/track", xpath);
		nb_cli_enqueue_change(vty, part, NB_OP_CREATE, NULL);
		enqueue_leaf(vty, part, "kind", typed->track);
		enqueue_leaf(vty, part, "profile", typed->profile);
		enqueue_leaf(vty, part, "interval", typed->interval);
		enqueue_leaf(vty, part, "multiplier", typed->multiplier);
		enqueue_leaf(vty, part, "hold-down", typed->hold_down);
	}
	return netstack_cli_commit(vty);
}

/* NULL, not typed: any will do. */
static bool is_word(const struct lyd_node *node, const char *leaf, const char *typed)
{
	const char *value = netstack_leaf(node, leaf);

	return !typed || (value && strmatch(value, typed));
}

static bool is_number(const struct lyd_node *node, const char *leaf, const char *typed)
{
	const char *value = netstack_leaf_or_default(node, leaf);

	return !typed || (value && atol(value) == atol(typed));
}

static bool is_as_typed(const struct lyd_node *entry, const struct typed_next_hop *typed)
{
	const struct lyd_node *track = netstack_child(entry, "track");

	return is_number(entry, "distance", typed->distance) &&
	       (!typed->track || (track && is_word(track, "kind", typed->track) &&
				  is_word(track, "profile", typed->profile) &&
				  is_number(track, "interval", typed->interval) &&
				  is_number(track, "multiplier", typed->multiplier) &&
				  is_number(track, "hold-down", typed->hold_down)));
}

static void out_word(struct vty *vty, const char *word, const char *value)
{
	if (value)
		vty_out(vty, " %s %s", word, value);
}

/*
 * Removes a next hop if it is what was typed: the line of another distance is another line.  What there
 * is instead, at the paths of `similar`, is told.
 */
static int remove_next_hop(struct vty *vty, const struct netstack_cli_scope *scope,
			   const char *xpath, const char *similar, const char *what,
			   const struct typed_next_hop *typed)
{
	const struct lyd_node *entry = yang_dnode_get(scope->stack, xpath);
	struct ly_set *others = NULL;

	if (entry && is_as_typed(entry, typed)) {
		nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
		return netstack_cli_commit(vty);
	}
	vty_out(vty, "%% netstack %s has no %s", scope->name, what);
	out_word(vty, "interface", typed->ifname);
	out_word(vty, "distance", typed->distance);
	out_word(vty, "track", typed->track);
	out_word(vty, "profile", typed->profile);
	out_word(vty, "interval", typed->interval);
	out_word(vty, "multiplier", typed->multiplier);
	out_word(vty, "hold-down", typed->hold_down);
	/* it goes over all next hops: not for each line of a file */
	if (!netstack_cli_is_batch(vty))
		lyd_find_xpath(scope->stack, similar, &others);
	for (uint32_t i = 0; others && i < others->count; i++) {
		vty_out(vty, i ? "," : "; it has");
		netstack_cli_out_next_hop(vty, others->dnodes[i]);
	}
	ly_set_free(others, NULL);
	vty_out(vty, "\n");
	return CMD_SUCCESS;
}

#define TYPED_NEXT_HOP                                                                               \
	{                                                                                            \
		.ifname = ifname, .distance = distance_str, .track = bfd ?: arp ?: icmp,           \
		.profile = profile, .interval = interval_str, .multiplier = multiplier_str, \
		.hold_down = hold_down_str, \
	}

static void gateway_xpath(char *buf, size_t len, const struct ipaddr *gate, const char *ifname)
{
	char literal[IFNAMSIZ + 2];

	snprintfrr(buf, len, "./default-gateway[address='%pIA'][interface=%s]", gate,
		   netstack_xpath_literal(literal, sizeof(literal), ifname));
}

static struct ipaddr ipaddr_of(const union sockunion *su)
{
	struct prefix host;

	sockunion2hostprefix(su, &host);
	return netstack_prefix_address(&host);
}

#define GATEWAY_STR                                                                                \
	"Where everything goes that is in no subnet of the stack and has no route\n"               \
	"IPv4 address of the gateway\n"                                                            \
	"IPv6 address of the gateway\n" VIA_STR MEMBER_STR DISTANCE_STR DISTANCE_VALUE_STR         \
		TRACK_STR

/*
 * May somebody type this BFD profile?  A person who names one that is absent has probably mistaken something,
 * and is told so.  In a file it may stand before the profile, or bfdd not run yet: there it is taken, and
 * the gateway's reason says what is missing (netstack_gateway_profile.c).
 */
static bool check_profile(struct vty *vty, struct netstack_cli_scope *scope, const char *xpath,
			  const struct typed_next_hop *typed)
{
	const struct lyd_node *entry, *track;

	if (!typed->profile || netstack_cli_is_batch(vty))
		return true;
	entry = yang_dnode_get(scope->stack, xpath);
	track = entry ? netstack_child(entry, "track") : NULL;
	if (track && is_word(track, "profile", typed->profile))
		return true; /* it has it already */
	return netstack_gateway_check_profile(typed->profile, scope->errmsg, sizeof(scope->errmsg));
}

DEFPY_YANG(netstack_gateway,
      netstack_gateway_cmd,
      "default-gateway <A.B.C.D|X:X::X:X>$gate [interface IFNAME] [distance (1-255)] "
      TRACK_CMD,
      GATEWAY_STR)
{
	const struct typed_next_hop typed = TYPED_NEXT_HOP;
	struct ipaddr ip = ipaddr_of(gate);
	char xpath[256];
	SCOPE(scope);

	if (!netstack_check_gateway(&ip, ifname ?: "", scope.errmsg, sizeof(scope.errmsg)) ||
	    !netstack_check_profile(profile, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	gateway_xpath(xpath, sizeof(xpath), &ip, ifname ?: "");
	if (!check_profile(vty, &scope, xpath, &typed))
		return netstack_cli_refused(vty, scope.errmsg);
	return set_next_hop(vty, xpath, &typed);
}

DEFPY_YANG(no_netstack_gateway,
      no_netstack_gateway_cmd,
      "no default-gateway <A.B.C.D|X:X::X:X>$gate [interface IFNAME] [distance (1-255)] "
      TRACK_CMD,
      NO_STR
      GATEWAY_STR)
{
	const struct typed_next_hop typed = TYPED_NEXT_HOP;
	struct ipaddr ip = ipaddr_of(gate);
	char xpath[256], similar[128], what[128];
	SCOPE(scope);

	if (ifname &&
	    !netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	gateway_xpath(xpath, sizeof(xpath), &ip, ifname ?: "");
	snprintfrr(what, sizeof(what), "default-gateway %pIA", &ip);
	snprintfrr(similar, sizeof(similar), "./default-gateway[address='%pIA']", &ip);
	return remove_next_hop(vty, &scope, xpath, similar, what, &typed);
}

/*
 * XPath: /frr-netstack:netstack/stack/route
 */

/* What was typed; gate NULL: blackhole or unreachable. */
static struct netstack_route route_of(const struct prefix *prefix, const union sockunion *gate,
				      bool blackhole)
{
	struct netstack_route key = {};

	key.prefix = netstack_prefix_from(prefix);
	netstack_prefix_mask(&key.prefix);
	if (gate)
		key.gate = ipaddr_of(gate);
	else
		key.type = blackhole ? NETSTACK_NEXTHOP_BLACKHOLE : NETSTACK_NEXTHOP_UNREACHABLE;
	return key;
}

static void route_xpath(char *buf, size_t len, const struct netstack_route *key)
{
	char literal[IFNAMSIZ + 2], next_hop[PREFIX_STRLEN];

	snprintfrr(buf, len, "./route[prefix='%pFX'][next-hop='%s'][interface=%s]", &key->prefix,
		   netstack_nexthop_text(key, next_hop, sizeof(next_hop)),
		   netstack_xpath_literal(literal, sizeof(literal), key->ifname));
}

#define STATIC_ROUTE_STR                                                                           \
	"Static route of the stack\n"                                                              \
	"IPv4 destination\n"                                                                       \
	"IPv6 destination\n"                                                                       \
	"IPv4 address of the next hop\n"                                                           \
	"IPv6 address of the next hop\n"                                                           \
	"Drop without a word\n"                                                                    \
	"Answer with ICMP destination unreachable\n" VIA_STR MEMBER_STR DISTANCE_STR               \
		DISTANCE_VALUE_STR TRACK_STR

DEFPY_YANG(netstack_route,
      netstack_route_cmd,
      "route <A.B.C.D/M|X:X::X:X/M>$prefix <<A.B.C.D|X:X::X:X>$gate|blackhole$blackhole|unreachable> [interface IFNAME] [distance (1-255)] "
      TRACK_CMD,
      STATIC_ROUTE_STR)
{
	struct netstack_route key = route_of(prefix, gate_str ? gate : NULL, blackhole);
	const struct typed_next_hop typed = TYPED_NEXT_HOP;
	char xpath[384];
	SCOPE(scope);

	if (ifname && strlcpy(key.ifname, ifname, sizeof(key.ifname)) >= sizeof(key.ifname)) {
		netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg));
		return netstack_cli_refused(vty, scope.errmsg);
	}
	if (!netstack_check_route(&key, scope.errmsg, sizeof(scope.errmsg)) ||
	    !netstack_check_profile(profile, scope.errmsg, sizeof(scope.errmsg)) ||
	    (track && !gate_str &&
	     !netstack_check_track(blackhole ?: "unreachable", scope.errmsg, sizeof(scope.errmsg))))
		return netstack_cli_refused(vty, scope.errmsg);
	route_xpath(xpath, sizeof(xpath), &key);
	if (!check_profile(vty, &scope, xpath, &typed))
		return netstack_cli_refused(vty, scope.errmsg);
	return set_next_hop(vty, xpath, &typed);
}

DEFPY_YANG(no_netstack_route,
      no_netstack_route_cmd,
      "no route <A.B.C.D/M|X:X::X:X/M>$prefix <<A.B.C.D|X:X::X:X>$gate|blackhole$blackhole|unreachable> [interface IFNAME] [distance (1-255)] "
      TRACK_CMD,
      NO_STR
      STATIC_ROUTE_STR)
{
	struct netstack_route key = route_of(prefix, gate_str ? gate : NULL, blackhole);
	const struct typed_next_hop typed = TYPED_NEXT_HOP;
	char xpath[384], similar[256], what[256], next_hop[PREFIX_STRLEN];
	SCOPE(scope);

	if (ifname &&
	    !netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	strlcpy(key.ifname, ifname ?: "", sizeof(key.ifname));
	route_xpath(xpath, sizeof(xpath), &key);
	netstack_nexthop_text(&key, next_hop, sizeof(next_hop));
	snprintfrr(what, sizeof(what), "route %pFX %s", &key.prefix, next_hop);
	snprintfrr(similar, sizeof(similar), "./route[prefix='%pFX'][next-hop='%s']", &key.prefix,
		   next_hop);
	return remove_next_hop(vty, &scope, xpath, similar, what, &typed);
}

/*
 * A line of a file that needs no matcher (netstack_plain.h): what it says is done here, and libfrr is left
 * with an empty line, or with a command that fails as the line did.
 */
#define FAILED_LINE "-failed-line"

static int last_failure;

DEFUN_ATTR(netstack_failed_line,
      netstack_failed_line_cmd,
      FAILED_LINE,
      "The line before has failed\n",
      CMD_ATTR_YANG | CMD_ATTR_NOSH | CMD_ATTR_HIDDEN)
{
	return last_failure;
}

static int read_plain_route(struct vty *vty, const char *line, char **replaced)
{
	const struct typed_next_hop plain = {};
	struct netstack_route key = {};
	struct netstack_cli_scope scope;
	struct prefix prefix;
	char xpath[384];

	if (vty->node != NETSTACK_NODE || !netstack_cli_is_batch(vty) ||
	    !netstack_candidate_is_shared() || !netstack_plain_route(line, &prefix, &key.gate))
		return 0;
	key.prefix = netstack_prefix_from(&prefix);
	netstack_prefix_mask(&key.prefix);
	netstack_cli_scope_init(vty, &scope);
	if (!scope.stack || !netstack_check_route(&key, scope.errmsg, sizeof(scope.errmsg)))
		return 0;
	route_xpath(xpath, sizeof(xpath), &key);
	vty->num_cfg_changes = 0;
	last_failure = set_next_hop(vty, xpath, &plain);
	*replaced = XSTRDUP(MTYPE_TMP, last_failure == CMD_SUCCESS ? "" : FAILED_LINE);
	return 0;
}

/*
 * XPath: /frr-netstack:netstack/stack/neighbor
 */
static void neighbor_xpath(char *buf, size_t len, const struct ipaddr *address, const char *ifname)
{
	char literal[IFNAMSIZ + 2];

	snprintfrr(buf, len, "./neighbor[interface=%s][address='%pIA']",
		   netstack_xpath_literal(literal, sizeof(literal), ifname), address);
}

/* v4_text NULL: it was an IPv6 address. */
static struct ipaddr neighbor_address(const char *v4_text, struct in_addr v4, struct in6_addr v6)
{
	if (v4_text)
		return (struct ipaddr){ .ipa_type = IPADDR_V4, .ipaddr_v4 = v4 };
	return (struct ipaddr){ .ipa_type = IPADDR_V6, .ipaddr_v6 = v6 };
}

#define PERMANENT_NEIGHBOR_STR                                                                     \
	"Permanent neighbour, IPv4\n"                                                              \
	"IPv4 address of the neighbour\n"                                                          \
	"Permanent neighbour, IPv6\n"                                                              \
	"IPv6 address of the neighbour\n"                                                          \
	"MAC address of the neighbour\n"                                                           \
	"The interface that leads to it\n" MEMBER_STR

DEFPY_YANG(netstack_neighbor,
      netstack_neighbor_cmd,
      "<arp A.B.C.D$v4|nd X:X::X:X$v6> X:X:X:X:X:X$mac interface IFNAME",
      PERMANENT_NEIGHBOR_STR)
{
	struct ipaddr address = neighbor_address(v4_str, v4, v6);
	char xpath[256], mac_xpath[264], text[ETHER_ADDR_STRLEN];
	SCOPE(scope);

	if (!netstack_check_neighbor(ifname, &address, &mac->eth_addr, scope.errmsg,
				     sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	neighbor_xpath(xpath, sizeof(xpath), &address, ifname);
	snprintf(mac_xpath, sizeof(mac_xpath), "%s/mac", xpath);
	/* with the leaf comes the entry */
	nb_cli_enqueue_change(vty, mac_xpath, NB_OP_MODIFY,
			      prefix_mac2str(&mac->eth_addr, text, sizeof(text)));
	return netstack_cli_commit(vty);
}

DEFPY_YANG(no_netstack_neighbor,
      no_netstack_neighbor_cmd,
      "no <arp A.B.C.D$v4|nd X:X::X:X$v6> [X:X:X:X:X:X] interface IFNAME",
      NO_STR
      PERMANENT_NEIGHBOR_STR)
{
	struct ipaddr address = neighbor_address(v4_str, v4, v6);
	char xpath[256], what[128];
	SCOPE(scope);

	if (!netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	neighbor_xpath(xpath, sizeof(xpath), &address, ifname);
	snprintfrr(what, sizeof(what), "permanent neighbour %pIA on interface %s", &address,
		   ifname);
	return netstack_cli_remove(vty, &scope, xpath, what);
}

void netstack_cli_route_init(void)
{
	install_element(NETSTACK_NODE, &netstack_gateway_cmd);
	install_element(NETSTACK_NODE, &no_netstack_gateway_cmd);
	install_element(NETSTACK_NODE, &netstack_route_cmd);
	install_element(NETSTACK_NODE, &no_netstack_route_cmd);
	install_element(NETSTACK_NODE, &netstack_failed_line_cmd);
	/* after those that look at what is typed */
	hook_register_prio(cmd_execute, HOOK_DEFAULT_PRIORITY + 1, read_plain_route);
	install_element(NETSTACK_NODE, &netstack_neighbor_cmd);
	install_element(NETSTACK_NODE, &no_netstack_neighbor_cmd);
}
