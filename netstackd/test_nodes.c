// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The nodes of netstack do not collide with FRR's.
 */

#include <zebra.h>

#include "command.h"

#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_test.h"

TEST(nodes_are_nodes_of_configuration)
{
	CHECK((int)NETSTACK_NODE > (int)CONFIG_NODE);
	CHECK((int)NETSTACK_IF_NODE > (int)CONFIG_NODE);
}

TEST(nodes_are_beyond_those_of_frr)
{
	CHECK((int)NETSTACK_NODE >= (int)NODE_TYPE_MAX);
	CHECK((int)NETSTACK_IF_NODE > (int)NETSTACK_NODE);
}
