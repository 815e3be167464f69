// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure leaks between stacks.
 */

#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_cli.h"
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

#include "netstackd/netstack_cli_leak_clippy.c"

#define LEAK_STR                                                                                   \
	"Routes of another stack that appear in this one\n"                                        \
	"The stack that the routes are of\n"                                                       \
	"Name of a stack\n"                                                                        \
	"Which routes: those that the prefix-lists of this name permit\n"                          \
	"Name of an ip prefix-list, an ipv6 prefix-list, or both\n"

static void leak_xpath(char *buf, size_t len, const char *from, const char *plist)
{
	char from_literal[NETSTACK_NAME_MAX + 3], plist_literal[NETSTACK_PLIST_MAX + 3];

	snprintf(buf, len, "./leak[from=%s][prefix-list=%s]",
		 netstack_xpath_literal(from_literal, sizeof(from_literal), from),
		 netstack_xpath_literal(plist_literal, sizeof(plist_literal), plist));
}

DEFPY_YANG(netstack_leak,
      netstack_leak_cmd,
      "leak from NAME$netstack prefix-list PREFIXLIST_NAME$plist",
      LEAK_STR)
{
	char xpath[XPATH_MAXLEN];
	SCOPE(scope);

	if (!netstack_check_leak(scope.name, netstack, plist, scope.errmsg, sizeof(scope.errmsg)) ||
	    !netstack_check_leak_loop(scope.tree, scope.name, netstack, plist, scope.errmsg,
				      sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	leak_xpath(xpath, sizeof(xpath), netstack, plist);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	return netstack_cli_commit(vty);
}

DEFPY_YANG(no_netstack_leak,
      no_netstack_leak_cmd,
      "no leak from NAME$netstack prefix-list PREFIXLIST_NAME$plist",
      NO_STR
      LEAK_STR)
{
	char xpath[XPATH_MAXLEN], what[256];
	SCOPE(scope);

	if (!netstack_check_leak(scope.name, netstack, plist, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	leak_xpath(xpath, sizeof(xpath), netstack, plist);
	snprintf(what, sizeof(what), "leak from %s prefix-list %s", netstack, plist);
	return netstack_cli_remove(vty, &scope, xpath, what);
}

void netstack_cli_leak_init(void)
{
	install_element(NETSTACK_NODE, &netstack_leak_cmd);
	install_element(NETSTACK_NODE, &no_netstack_leak_cmd);
}
