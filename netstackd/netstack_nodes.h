// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The CLI nodes of netstack, for the daemon and for vtysh, and the commands that enter them: those
 * are defined in both (in the daemon as NOSH) and have to be the same to the letter.
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

#define NETSTACK_CMD "netstack NAME"
#define NETSTACK_CMD_HELP                                                                          \
	"A TCP/IP stack of its own: routing table, neighbours, gateway\n"                          \
	"Name of the stack; 'default' for the router's own\n"

#define NETSTACK_IF_CMD "interface IFNAME"
#define NETSTACK_IF_CMD_HELP                                                                       \
	"Put an interface in the stack\n"                                                          \
	"Name of the interface\n"

#endif /* NETSTACK_NODES_H */
