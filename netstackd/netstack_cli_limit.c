// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that limit what a stack can take.
 *
 * A person who asks for less than there is has probably mistaken something, and is told so.  A line
 * of a file is taken as it is: what there is at that time is no reason to lose it, and the limit is
 * for what comes from then on.
 */

#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_cli.h"
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_nodes.h"

#include "netstackd/netstack_cli_limit_clippy.c"

#define LIMIT_STR     "Bound what the stack can take\n"
#define ROUTES_STR    "Routes in its routing table, IPv4 and IPv6, whoever put them there\n"
#define NEIGHBORS_STR "Entries in its ARP and ND tables, whoever put them there\n"
#define MAX_STR	      "The largest number\n"
#define WARNING_STR   "Only say when it is reached: nothing is refused or removed\n"

/* May somebody type this? */
static bool check_use(struct vty *vty, struct netstack_cli_scope *scope, const char *what,
		      uint32_t max)
{
	const struct netstack *stack = netstack_find(scope->name);
	enum netstack_limit_kind kind = strmatch(what, netstack_limit_name(NETSTACK_LIMIT_ROUTES))
						? NETSTACK_LIMIT_ROUTES
						: NETSTACK_LIMIT_NEIGHBORS;

	if (!stack || netstack_cli_is_batch(vty))
		return true;
	return netstack_check_limit(stack, kind, max, scope->errmsg, sizeof(scope->errmsg));
}

/*
 * XPath: /frr-netstack:netstack/stack/limit
 */
DEFPY_YANG(netstack_limit,
      netstack_limit_cmd,
      "limit <routes|neighbors>$what (1-4294967295)$max [warning-only$warning]",
      LIMIT_STR
      ROUTES_STR
      NEIGHBORS_STR
      MAX_STR
      WARNING_STR)
{
	char xpath[64], max_xpath[80], warning_xpath[80];
	SCOPE(scope);

	if (!warning && !check_use(vty, &scope, what, max))
		return netstack_cli_refused(vty, scope.errmsg);
	snprintf(xpath, sizeof(xpath), "./limit/%s", what);
	snprintf(max_xpath, sizeof(max_xpath), "%s/maximum", xpath);
	snprintf(warning_xpath, sizeof(warning_xpath), "%s/warning-only", xpath);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, max_xpath, NB_OP_MODIFY, max_str);
	nb_cli_enqueue_change(vty, warning_xpath, NB_OP_MODIFY, warning ? "true" : "false");
	return netstack_cli_commit(vty);
}

DEFPY_YANG(no_netstack_limit,
      no_netstack_limit_cmd,
      "no limit <routes|neighbors>$what [(1-4294967295) [warning-only]]",
      NO_STR
      LIMIT_STR
      ROUTES_STR
      NEIGHBORS_STR
      MAX_STR
      WARNING_STR)
{
	char xpath[64], words[64];
	SCOPE(scope);

	snprintf(xpath, sizeof(xpath), "./limit/%s", what);
	snprintf(words, sizeof(words), "limit of %s", what);
	return netstack_cli_remove(vty, &scope, xpath, words);
}

void netstack_cli_limit_init(void)
{
	install_element(NETSTACK_NODE, &netstack_limit_cmd);
	install_element(NETSTACK_NODE, &no_netstack_limit_cmd);
}
