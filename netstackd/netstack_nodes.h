// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The CLI nodes of netstack, for the daemon and for vtysh.
 *
 * FRR's nodes are an enum that ends with NODE_TYPE_MAX, but the table of nodes grows to whatever
 * number is installed.  A number far beyond the enum stays free over FRR's releases; being above
 * CONFIG_NODE makes them nodes of configuration, and the highest ones are written last.
 */

#ifndef NETSTACK_NODES_H
#define NETSTACK_NODES_H

#define NETSTACK_NODE	 1000 /* netstack NAME */
#define NETSTACK_IF_NODE 1001 /* interface IFNAME in it */

#define NETSTACK_PROMPT	   "%s(config-netstack)# "
#define NETSTACK_IF_PROMPT "%s(config-netstack-if)# "

#endif /* NETSTACK_NODES_H */
