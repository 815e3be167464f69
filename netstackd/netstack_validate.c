// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is refused, and in which words.
 */

#include <zebra.h>

#include "memory.h"
#include "northbound.h"
#include "printfrr.h"
#include "typesafe.h"
#include "yang.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_table.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

DEFINE_MTYPE_STATIC(NETSTACKD, CLAIM, "Claim of a stack");

#define refuse(...) (snprintfrr(errmsg, len, __VA_ARGS__), false)

static const struct netstack_observed *(*observed)(void);

static const struct lyd_node *kept_tree;

void netstack_validate_keep(const struct lyd_node *tree)
{
	kept_tree = tree;
}

static const struct lyd_node *running_tree(void)
{
	return running_config ? running_config->dnode : NULL;
}

static const struct lyd_node *find_stack(const struct lyd_node *tree, const char *stack)
{
	return tree ? netstack_find_stack(tree, stack) : NULL;
}

static const struct lyd_node *find_if(const struct lyd_node *tree, const char *stack,
				      const char *ifname)
{
	const struct lyd_node *node = find_stack(tree, stack);

	return node ? netstack_find_named(node, "interface", ifname) : NULL;
}

/*
 * Claims
 */

enum claim_kind {
	CLAIM_INTERFACE, /* value: name; holder: stack */
	CLAIM_VRF,	 /* value: name, not the stack's own (vrf_taken()); holder: stack */
	CLAIM_TABLE,	 /* value: number; holder: stack */
	CLAIM_SUBNET,	 /* value: stack, space, subnet; holder: interface; detail: address */
};

PREDECL_RBTREE_UNIQ(claims);

/* The longest value: that of CLAIM_SUBNET. */
#define CLAIM_VALUE_MAX (NETSTACK_NAME_MAX + PREFIX_STRLEN + 2)

/* There are some for each stack: no more memory than the texts take. */
struct claim {
	struct claims_item item;
	uint8_t kind; /* enum claim_kind */
	char value[]; /* followed by the holder and the detail */
};

static const char *text_after(const char *text)
{
	return text + strlen(text) + 1;
}

static const char *holder_of(const struct claim *claim)
{
	return text_after(claim->value);
}

static const char *detail_of(const struct claim *claim)
{
	return text_after(holder_of(claim));
}

static int claim_cmp(const struct claim *a, const struct claim *b)
{
	return numcmp(a->kind, b->kind) ?: strcmp(a->value, b->value) ?:
	       strcmp(holder_of(a), holder_of(b)) ?: strcmp(detail_of(a), detail_of(b));
}

DECLARE_RBTREE_UNIQ(claims, struct claim, item, claim_cmp);

#define SWEEP_FIRST 1024

static struct claims_head claims;
static size_t sweep_at = SWEEP_FIRST;

/* In no index yet. */
static struct claim *claim_new(enum claim_kind kind, const char *value, const char *holder,
			       const char *detail)
{
	size_t len = strlen(value) + strlen(holder) + strlen(detail) + 3;
	struct claim *claim = XCALLOC(MTYPE_CLAIM, sizeof(*claim) + len);

	claim->kind = kind;
	stpcpy(stpcpy(stpcpy(claim->value, value) + 1, holder) + 1, detail);
	return claim;
}

static void claim_drop(struct claim *claim)
{
	claims_del(&claims, claim);
	XFREE(MTYPE_CLAIM, claim);
}

/* The first of those with the value; NULL: there is none. */
static struct claim *claim_first(enum claim_kind kind, const char *value)
{
	struct claim *key = claim_new(kind, value, "", "");
	struct claim *claim = claims_find_gteq(&claims, key);

	XFREE(MTYPE_CLAIM, key);
	return claim && claim->kind == kind && strmatch(claim->value, value) ? claim : NULL;
}

/* The one after it with the same value. */
static struct claim *claim_next(struct claim *claim)
{
	struct claim *next = claims_next(&claims, claim);

	return next && next->kind == claim->kind && strmatch(next->value, claim->value) ? next
											: NULL;
}

/* The VRF name of a stack in the tree, configured or by default. */
static const char *vrf_in_tree(const struct lyd_node *stack)
{
	return netstack_leaf(stack, "vrf") ?: netstack_leaf(stack, "name");
}

static bool holds_subnet(const struct lyd_node *tree, const struct claim *claim)
{
	char stack[CLAIM_VALUE_MAX];
	const struct lyd_node *nif;

	strlcpy(stack, claim->value, sizeof(stack));
	*strrchr(stack, ' ') = '\0';
	nif = find_if(tree, stack, holder_of(claim));
	return nif && netstack_find_entry(nif, "address", detail_of(claim));
}

/* Is it so in this tree? */
static bool holds(const struct lyd_node *tree, const struct claim *claim)
{
	const struct lyd_node *stack;
	const char *table;

	switch ((enum claim_kind)claim->kind) {
	case CLAIM_INTERFACE:
		return find_if(tree, holder_of(claim), claim->value);
	case CLAIM_VRF:
		stack = find_stack(tree, holder_of(claim));
		return stack && strmatch(vrf_in_tree(stack), claim->value);
	case CLAIM_TABLE:
		stack = find_stack(tree, holder_of(claim));
		table = stack ? netstack_leaf(stack, "table") : NULL;
		return table && strmatch(table, claim->value);
	case CLAIM_SUBNET:
		return holds_subnet(tree, claim);
	}
	assert(!"Reached end of function where we should never hit");
}

/* Is it so in what is or was the configuration until a command is validated? */
static bool may_hold(const struct claim *claim)
{
	return holds(running_tree(), claim) || (kept_tree && holds(kept_tree, claim));
}

/*
 * Drops what nobody asked for again: when the index has doubled since the last time, so that it
 * costs next to nothing for each claim.
 */
static void sweep(const struct lyd_node *tree)
{
	struct claim *claim;

	frr_each_safe (claims, &claims, claim)
		if (!holds(tree, claim) && !may_hold(claim))
			claim_drop(claim);
	sweep_at = MAX((size_t)SWEEP_FIRST, 2 * claims_count(&claims));
}

static void claim_add(const struct lyd_node *tree, enum claim_kind kind, const char *value,
		      const char *holder, const char *detail)
{
	struct claim *claim = claim_new(kind, value, holder, detail);

	if (claims_find(&claims, claim)) {
		XFREE(MTYPE_CLAIM, claim);
		return;
	}
	if (claims_count(&claims) >= sweep_at)
		sweep(tree);
	claims_add(&claims, claim);
}

/*
 * Who else has the value, in the tree?  Writes the name of the holder.  Drops on the way what
 * holds neither there nor in the running configuration.  `except` NULL: nobody.
 */
static bool claimed(const struct lyd_node *tree, enum claim_kind kind, const char *value,
		    const char *except, char *name, size_t len)
{
	struct claim *claim, *next;

	for (claim = claim_first(kind, value); claim; claim = next) {
		next = claim_next(claim);
		if (!holds(tree, claim)) {
			if (!may_hold(claim))
				claim_drop(claim);
		} else if (!except || !strmatch(holder_of(claim), except)) {
			strlcpy(name, holder_of(claim), len);
			return true;
		}
	}
	return false;
}

/*
 * The same for a VRF.  The stack that has its name has it unless another one is configured: nothing
 * that would need a claim.
 */
static bool vrf_taken(const struct lyd_node *tree, const char *vrf, const char *except, char *name,
		      size_t len)
{
	const struct lyd_node *namesake = find_stack(tree, vrf);

	if (namesake && strmatch(vrf_in_tree(namesake), vrf) &&
	    (!except || !strmatch(vrf, except))) {
		strlcpy(name, vrf, len);
		return true;
	}
	return claimed(tree, CLAIM_VRF, vrf, except, name, len);
}

size_t netstack_claims_total(void)
{
	return claims_count(&claims);
}

void netstack_validate_init(const struct netstack_observed *(*get_observed)(void))
{
	observed = get_observed;
	claims_init(&claims);
}

void netstack_validate_terminate(void)
{
	struct claim *claim;

	while ((claim = claims_pop(&claims)))
		XFREE(MTYPE_CLAIM, claim);
	claims_fini(&claims);
}

/*
 * Text and names
 */

/*
 * The next character of UTF-8 (RFC 3629), 0 at the end, -1 if it is none, or one that YANG does
 * not have (RFC 7950, section 14: yang-char).
 */
static int32_t next_character(const char **text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)*text;
	unsigned int octets = *p < 0x80 ? 1 : *p < 0xc0 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	uint32_t c = octets == 1 ? *p : *p & (0x7f >> octets);

	if (!*p)
		return 0;
	if (!octets || *p > 0xf4)
		return -1;
	for (unsigned int i = 1; i < octets; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[octets] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe)
		return -1;
	*text += octets;
	return c;
}

static bool is_control(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Unicode's category Z. */
static bool is_space(int32_t c)
{
	return c == 0x20 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool netstack_check_description(const char *text, char *errmsg, size_t len)
{
	unsigned int count = 0;
	int32_t c;

	while ((c = next_character(&text))) {
		if (c < 0)
			return refuse("the description is not text in UTF-8");
		if (is_control(c))
			return refuse("the description has a control character");
		count++;
	}
	if (!count)
		return refuse("the description is empty: to have none, enter \"no description\"");
	if (count > NETSTACK_DESCRIPTION_MAX)
		return refuse("the description has %u characters: at most %u are allowed", count,
			      NETSTACK_DESCRIPTION_MAX);
	return true;
}

/* What the names of stacks and of links have in common. */
static bool check_characters(const char *what, const char *name, char *errmsg, size_t len)
{
	const char *p = name;
	int32_t c;

	/* libfrr takes quotes for what they are: typed to say that there is nothing */
	if (!name[strspn(name, "'\"")])
		return refuse("the %s name is empty", what);
	while ((c = next_character(&p))) {
		if (c < 0)
			return refuse("the %s name is not text in UTF-8", what);
		if (c == '/' || c == ':' || is_space(c) || is_control(c))
			return refuse(
				"the %s name %s has a %s: \"/\", \":\", white space and control characters are not allowed",
				what, is_control(c) ? "given" : name,
				c == '/'      ? "\"/\""
				: c == ':'    ? "\":\""
				: is_space(c) ? "white space"
					      : "control character");
	}
	if (strchr(name, '\'') && strchr(name, '"'))
		return refuse("the %s name %s has both kinds of quotes: only one kind is allowed",
			      what, name);
	return true;
}

bool netstack_check_name(const char *name, char *errmsg, size_t len)
{
	if (!check_characters("netstack", name, errmsg, len))
		return false;
	if (strlen(name) > NETSTACK_NAME_MAX)
		return refuse(
			"the netstack name %s is too long: at most %u characters (octets in UTF-8) are allowed",
			name, NETSTACK_NAME_MAX);
	if (strmatch(name, ".") || strmatch(name, "..") || strmatch(name, "all"))
		return refuse("netstack %s: this name is reserved, choose another one", name);
	return true;
}

bool netstack_check_link_name(const char *what, const char *name, char *errmsg, size_t len)
{
	static const char *const reserved[] = { ".", "..", "lo", "all", "default" };

	if (!check_characters(what, name, errmsg, len))
		return false;
	if (strlen(name) >= IFNAMSIZ)
		return refuse("the %s name %s is too long: at most %u characters are allowed", what,
			      name, IFNAMSIZ - 1);
	/*
	 * The kernel takes "%d" for "the next number", and octet A0 for white space; FRR's daemons
	 * put the names of links and VRFs in paths, between quotes of either kind.
	 */
	if (strpbrk(name, "%'\"") || strchr(name, 0xa0))
		return refuse(
			"the %s name %s has a character that the kernel or FRR does not allow",
			what, name);
	for (size_t i = 0; i < array_size(reserved); i++)
		if (strmatch(name, reserved[i]))
			return refuse("%s %s: this name is reserved, choose another one", what,
				      name);
	return true;
}

bool netstack_needs_vrf(const char *name, char *errmsg, size_t len)
{
	char why[NETSTACK_ERRMSG_MAX];

	if (strmatch(name, NETSTACK_DEFAULT_NAME) ||
	    netstack_check_link_name("VRF", name, why, sizeof(why)))
		return false;
	if (strlen(name) >= IFNAMSIZ)
		snprintf(
			errmsg, len,
			"netstack %s needs a VRF name of at most %u characters: enter \"vrf VRFNAME\" first",
			name, IFNAMSIZ - 1);
	else
		snprintf(errmsg, len,
			 "netstack %s needs a VRF of another name: enter \"vrf VRFNAME\" first",
			 name);
	return true;
}

bool netstack_check_not_default(const char *stack, const char *what, char *errmsg, size_t len)
{
	if (!strmatch(stack, NETSTACK_DEFAULT_NAME))
		return true;
	return refuse("netstack default is the router's default VRF: it cannot %s", what);
}

/*
 * Addresses
 */

bool netstack_check_mac(const struct ethaddr *mac, char *errmsg, size_t len)
{
	if (is_zero_mac(mac))
		return refuse("MAC address %pEA is zero: a unicast address is needed", mac);
	if (mac->octet[0] & 1)
		return refuse(
			"MAC address %pEA is a multicast address: a unicast address is needed",
			mac);
	return true;
}

/* What no host, gateway or neighbour can have; `what` is what it is for. */
static bool check_unicast(const struct ipaddr *ip, const char *what, bool loopback, char *errmsg,
			  size_t len)
{
	uint32_t v4 = IS_IPADDR_V4(ip) ? ntohl(ip->ipaddr_v4.s_addr) : 0;

	if (ipaddr_is_zero(ip))
		return refuse("%pIA is the unspecified address: it cannot be %s", ip, what);
	if (IS_IPADDR_V4(ip) ? IN_MULTICAST(v4) : IN6_IS_ADDR_MULTICAST(&ip->ipaddr_v6))
		return refuse("%pIA is a multicast address: it cannot be %s", ip, what);
	if (IS_IPADDR_V4(ip) && v4 == INADDR_BROADCAST)
		return refuse("%pIA is the broadcast address: it cannot be %s", ip, what);
	if (!loopback && IS_IPADDR_V4(ip) && v4 >> 24 == IN_LOOPBACKNET)
		return refuse("%pIA is a loopback address: it cannot be %s", ip, what);
	if (IS_IPADDR_V6(ip) && IN6_IS_ADDR_LOOPBACK(&ip->ipaddr_v6))
		return refuse("%pIA is the loopback address: it cannot be %s", ip, what);
	/* RFC 4291, section 2.5.5.2: they are for programs, and never on a link */
	if (IS_IPADDR_V6(ip) && IN6_IS_ADDR_V4MAPPED(&ip->ipaddr_v6))
		return refuse("%pIA is an IPv4 address in IPv6: it cannot be %s", ip, what);
	return true;
}

/*
 * The all-zeros host is the network in IPv4 (RFC 1122, section 3.2.1.3) and the subnet-router
 * anycast address in IPv6 (RFC 4291, section 2.6.1); links between two hosts have neither
 * (RFC 3021, RFC 6164).
 */
bool netstack_check_address(const struct prefix *address, char *errmsg, size_t len)
{
	struct ipaddr ip = netstack_prefix_address(address);
	struct prefix subnet;

	prefix_copy(&subnet, address);
	apply_mask(&subnet);
	if (!check_unicast(&ip, "an interface's address", true, errmsg, len))
		return false;
	if (!address->prefixlen)
		return refuse("%pFX is no subnet: the prefix length has to be at least 1", address);
	if (address->prefixlen >= prefix_blen(address) * 8 - 1)
		return true;
	if (prefix_same(&subnet, address) && !memcmp(&subnet.u, &address->u, prefix_blen(address)))
		return refuse("%pIA is the %s address of %pFX: an interface needs a host's address",
			      &ip, address->family == AF_INET ? "network" : "subnet-router anycast",
			      &subnet);
	if (address->family == AF_INET &&
	    address->u.prefix4.s_addr ==
		    ipv4_broadcast_addr(subnet.u.prefix4.s_addr, address->prefixlen))
		return refuse(
			"%pIA is the broadcast address of %pFX: an interface needs a host's address",
			&ip, &subnet);
	return true;
}

/* The kernel itself refuses ::1 everywhere but on lo: netstack_check_address() does, too. */
bool netstack_check_loopback(const struct prefix *address, const char *kind, char *errmsg,
			     size_t len)
{
	if (address->family != AF_INET || ntohl(address->u.prefix4.s_addr) >> 24 != IN_LOOPBACKNET)
		return true;
	if (kind && strmatch(kind, "dummy"))
		return true;
	return refuse(
		"%pFX is a loopback address: only an interface with \"link dummy\" can have it",
		address);
}

bool netstack_check_loopbacks(const struct lyd_node *nif, const char *kind, char *errmsg,
			      size_t len)
{
	const struct lyd_node *child;
	struct prefix address;

	LY_LIST_FOR (lyd_child(nif), child) {
		if (!strmatch(child->schema->name, "address"))
			continue;
		if (str2prefix(lyd_get_value(child), &address) &&
		    !netstack_check_loopback(&address, kind, errmsg, len))
			return false;
	}
	return true;
}

static bool check_next_hop(const struct ipaddr *gate, const char *ifname, const char *what,
			   char *errmsg, size_t len)
{
	if (!check_unicast(gate, what, false, errmsg, len))
		return false;
	if (ifname[0] && !netstack_check_link_name("interface", ifname, errmsg, len))
		return false;
	if (IS_IPADDR_V6(gate) && IN6_IS_ADDR_LINKLOCAL(&gate->ipaddr_v6) && !ifname[0])
		return refuse(
			"%pIA is a link-local address, which every link has: add \"interface IFNAME\"",
			gate);
	return true;
}

bool netstack_check_gateway(const struct ipaddr *gate, const char *ifname, char *errmsg, size_t len)
{
	return check_next_hop(gate, ifname, "a gateway", errmsg, len);
}

bool netstack_check_route(const struct netstack_route *key, char *errmsg, size_t len)
{
	const struct netstack_prefix *prefix = &key->prefix;
	char next_hop[PREFIX_STRLEN];
	bool multicast = prefix->family == AF_INET ? IN_MULTICAST(ntohl(prefix->u.prefix4.s_addr))
						   : IN6_IS_ADDR_MULTICAST(&prefix->u.prefix6);

	if (multicast)
		return refuse("%pFX is multicast: only unicast routes are possible", prefix);
	if (key->type != NETSTACK_NEXTHOP_GATEWAY) {
		if (!key->ifname[0])
			return true;
		return refuse("a route to %s goes to no interface: leave out \"interface %s\"",
			      netstack_nexthop_text(key, next_hop, sizeof(next_hop)), key->ifname);
	}
	if (ipaddr_family(&key->gate) != prefix->family)
		return refuse(
			"%pFX is %s and %pIA is %s: a route needs a next hop of its own family",
			prefix, prefix->family == AF_INET ? "IPv4" : "IPv6", &key->gate,
			IS_IPADDR_V4(&key->gate) ? "IPv4" : "IPv6");
	return check_next_hop(&key->gate, key->ifname, "a next hop", errmsg, len);
}

bool netstack_check_track(const char *next_hop, char *errmsg, size_t len)
{
	struct netstack_route route = {};

	netstack_nexthop_parse(&route, next_hop);
	if (route.type == NETSTACK_NEXTHOP_GATEWAY)
		return true;
	return refuse("a route to %s has no next hop to track: leave out \"track\"", next_hop);
}

bool netstack_check_profile(const char *profile, char *errmsg, size_t len)
{
	if (!profile || strlen(profile) <= NETSTACK_PROFILE_MAX)
		return true;
	return refuse("%s is too long for a BFD profile: at most %d characters", profile,
		      NETSTACK_PROFILE_MAX);
}

bool netstack_check_neighbor(const char *ifname, const struct ipaddr *address,
			     const struct ethaddr *mac, char *errmsg, size_t len)
{
	return check_unicast(address, "a neighbour", false, errmsg, len) &&
	       netstack_check_mac(mac, errmsg, len) &&
	       netstack_check_link_name("interface", ifname, errmsg, len);
}

/* Any word that can be typed, as FRR has it, and that a path can hold. */
static bool check_plist(const char *name, char *errmsg, size_t len)
{
	const char *p = name;
	int32_t c;

	while ((c = next_character(&p)))
		if (c < 0 || is_space(c) || is_control(c))
			return refuse(
				"the prefix-list name is not text in UTF-8 without white space and control characters");
	if (!name[0] || strlen(name) > NETSTACK_PLIST_MAX)
		return refuse("the prefix-list name is %s: 1 to %u characters are allowed",
			      name[0] ? "too long" : "empty", NETSTACK_PLIST_MAX);
	if (strchr(name, '\'') && strchr(name, '"'))
		return refuse(
			"the prefix-list name %s has both kinds of quotes: only one kind is allowed",
			name);
	return true;
}

bool netstack_check_leak(const char *stack, const char *from, const char *plist, char *errmsg,
			 size_t len)
{
	if (!netstack_check_name(from, errmsg, len) || !check_plist(plist, errmsg, len))
		return false;
	if (strmatch(stack, from))
		return refuse("netstack %s cannot leak to itself: name another netstack", stack);
	return true;
}

bool netstack_check_table_range(uint32_t first, uint32_t last, char *errmsg, size_t len)
{
	if (first > last)
		return refuse("the table range %u %u ends before it begins", first, last);
	/* reserved are 0 and 252 to 255 */
	if (netstack_table_is_reserved(first) && netstack_table_is_reserved(last))
		return refuse(
			"the table range %u %u has only tables of the kernel's own: choose another one",
			first, last);
	return true;
}

/*
 * Against other stacks
 */

/* The stacks that a prefix-list lets leak into another, directly or by way of others. */
struct sources {
	const char *plist;
	const struct lyd_node **stacks;
	size_t count;
};

static void add_source(struct sources *sources, const struct lyd_node *stack)
{
	for (size_t i = 0; i < sources->count; i++)
		if (sources->stacks[i] == stack)
			return;
	sources->stacks = XREALLOC(MTYPE_TMP, (void *)sources->stacks,
				   (sources->count + 1) * sizeof(const struct lyd_node *));
	sources->stacks[sources->count++] = stack;
}

static int add_source_of_leak(const struct lyd_node *leak, void *arg)
{
	struct sources *sources = arg;
	const struct lyd_node *stack;

	if (strmatch(netstack_leaf(leak, "prefix-list"), sources->plist)) {
		stack = find_stack(leak, netstack_leaf(leak, "from"));
		if (stack)
			add_source(sources, stack);
	}
	return YANG_ITER_CONTINUE;
}

bool netstack_check_leak_loop(const struct lyd_node *tree, const char *stack, const char *from,
			      const char *plist, char *errmsg, size_t len)
{
	const struct lyd_node *first = find_stack(tree, from);
	struct sources sources = { .plist = plist };
	bool is_loop = false;

	if (first)
		add_source(&sources, first);
	for (size_t i = 0; i < sources.count && !is_loop; i++) {
		is_loop = strmatch(netstack_leaf(sources.stacks[i], "name"), stack);
		yang_dnode_iterate(add_source_of_leak, &sources, sources.stacks[i], "./leak");
	}
	XFREE(MTYPE_TMP, sources.stacks);
	if (!is_loop)
		return true;
	return refuse(
		"prefix-list %s lets routes leak from netstack %s to netstack %s already, this would be a loop: leak by another prefix-list",
		plist, stack, from);
}

bool netstack_check_vrf(const struct lyd_node *tree, const char *stack, const char *vrf,
			char *errmsg, size_t len)
{
	bool own = !vrf;
	char other[NETSTACK_NAME_MAX + 1];

	if (strmatch(stack, NETSTACK_DEFAULT_NAME))
		return own ||
		       netstack_check_not_default(stack, "have a VRF of another name", errmsg, len);
	if (own && netstack_needs_vrf(stack, errmsg, len))
		return false;
	vrf = vrf ?: stack;
	if (!netstack_check_link_name("VRF", vrf, errmsg, len))
		return false;
	if (vrf_taken(tree, vrf, stack, other, sizeof(other)))
		return refuse("VRF %s is used by netstack %s: %s", vrf, other,
			      own ? "enter \"vrf VRFNAME\" to have one of another name"
				  : "choose another name");
	if (claimed(tree, CLAIM_INTERFACE, vrf, NULL, other, sizeof(other)))
		return refuse("%s is an interface of netstack %s, a VRF cannot have its name: %s",
			      vrf, other,
			      own ? "enter \"vrf VRFNAME\" to have one of another name"
				  : "choose another name");
	if (!strmatch(vrf, stack))
		claim_add(tree, CLAIM_VRF, vrf, stack, "");
	return true;
}

/* In the tree the stack is gone, or has another table: it is going to give this one up. */
static bool gives_up_table(const struct lyd_node *tree, const char *name, uint32_t table)
{
	const struct lyd_node *stack = find_stack(tree, name);
	const char *configured = stack ? netstack_leaf(stack, "table") : NULL;

	return !stack || (configured && strtoul(configured, NULL, 10) != table);
}

/* Who has the table in the kernel, or is about to, and is going to keep it? */
static bool table_in_use(const struct lyd_node *tree, const char *name, uint32_t table, char *who,
			 size_t len)
{
	const struct netstack_observed *obs = observed ? observed() : NULL;
	const struct lyd_node *stack = find_stack(tree, name);
	const struct netstack *owner = netstack_table_owner(table);
	const struct netstack_link *vrf = obs ? netstack_link_by_vrf_table(obs, table) : NULL;

	if (owner && strcmp(owner->name, name)) {
		snprintf(who, len, "netstack %s", owner->name);
		return !gives_up_table(tree, owner->name, table);
	}
	if (vrf) {
		snprintf(who, len, "VRF %s", vrf->name);
		if (stack && strmatch(vrf->name, vrf_in_tree(stack)))
			return false;
		if (netstack_link_is_ours(vrf)) {
			const char *of = vrf->alias + strlen(NETSTACK_ALIAS_PREFIX);

			return strcmp(of, name) && !gives_up_table(tree, of, table);
		}
		return true;
	}
	return obs && netstack_table_used(obs, netstack_find(name), table, who, len);
}

bool netstack_check_table(const struct lyd_node *tree, const char *stack, uint32_t table,
			  char *errmsg, size_t len)
{
	char value[16], who[64];

	if (!netstack_check_not_default(stack, "have another table than main", errmsg, len))
		return false;
	if (netstack_table_is_reserved(table))
		return refuse(
			"table %u is used by the kernel itself, and zebra would exit: choose another one",
			table);
	snprintf(value, sizeof(value), "%u", table);
	if (claimed(tree, CLAIM_TABLE, value, stack, who, sizeof(who)))
		return refuse("table %u is used by netstack %s", table, who);
	if (table_in_use(tree, stack, table, who, sizeof(who)))
		return refuse("table %u is used by %s", table, who);
	claim_add(tree, CLAIM_TABLE, value, stack, "");
	return true;
}

bool netstack_check_interface(const struct lyd_node *tree, const char *stack, const char *ifname,
			      char *errmsg, size_t len)
{
	char other[NETSTACK_NAME_MAX + 1];

	if (!netstack_check_not_default(stack, "be given interfaces", errmsg, len))
		return false;
	if (!netstack_check_link_name("interface", ifname, errmsg, len))
		return false;
	if (claimed(tree, CLAIM_INTERFACE, ifname, stack, other, sizeof(other)))
		return refuse(
			"interface %s is used by netstack %s: enter \"no interface %s\" there first",
			ifname, other, ifname);
	if (vrf_taken(tree, ifname, NULL, other, sizeof(other)))
		return refuse(
			"%s is the VRF of netstack %s: it cannot be an interface of a netstack",
			ifname, other);
	claim_add(tree, CLAIM_INTERFACE, ifname, stack, "");
	return true;
}

bool netstack_check_parent(const struct lyd_node *tree, const char *ifname, const char *parent,
			   char *errmsg, size_t len)
{
	char other[NETSTACK_NAME_MAX + 1];

	if (!netstack_check_link_name("parent", parent, errmsg, len))
		return false;
	if (strmatch(ifname, parent))
		return refuse("interface %s cannot be its own parent", ifname);
	if (vrf_taken(tree, parent, NULL, other, sizeof(other)))
		return refuse("%s is the VRF of netstack %s: it cannot be a parent", parent, other);
	return true;
}

bool netstack_check_subnet(const struct lyd_node *tree, const char *stack, const char *ifname,
			   const struct prefix *address, char *warning, size_t len)
{
	char value[NETSTACK_NAME_MAX + PREFIX_STRLEN + 2], detail[PREFIX_STRLEN], other[IFNAMSIZ];
	struct prefix subnet;
	bool alone = true;

	if (address->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address->u.prefix6))
		return true;

	prefix_copy(&subnet, address);
	apply_mask(&subnet);
	snprintfrr(value, sizeof(value), "%s %pFX", stack, &subnet);
	snprintfrr(detail, sizeof(detail), "%pFX", address);
	if (claimed(tree, CLAIM_SUBNET, value, ifname, other, sizeof(other))) {
		snprintfrr(warning, len,
			   "warning: subnet %pFX is on interface %s of this netstack too", &subnet,
			   other);
		alone = false;
	}
	claim_add(tree, CLAIM_SUBNET, value, ifname, detail);
	return alone;
}
