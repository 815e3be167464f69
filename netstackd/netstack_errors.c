// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Log references: cause and remedy.
 */

#include <zebra.h>

#include "ferr.h"

#include "netstackd/netstack_errors.h"

/* clang-format off */
static struct log_ref netstack_refs[] = {
	{
		.code = EC_NETSTACK_KERNEL_SOCKET,
		.title = "No connection with the kernel",
		.description = "A netlink socket could not be opened, or a message could not be sent. Nothing can be put in force.",
		.suggestion = "Check that netstackd has CAP_NET_ADMIN and that memory is left, and restart it."
	},
	{
		.code = EC_NETSTACK_KERNEL_DUMP,
		.title = "The kernel's state could not be read",
		.description = "The kernel broke off the list of its links, addresses, neighbours, routes or rules.",
		.suggestion = "It is read again by itself. If this repeats, look for a lack of memory in the kernel's log."
	},
	{
		.code = EC_NETSTACK_KERNEL_NO_VRF,
		.title = "The kernel has no VRF devices",
		.description = "A stack is a VRF device, and this kernel does not know them.",
		.suggestion = "Load the module 'vrf', or run a kernel with CONFIG_NET_VRF."
	},
	{
		.code = EC_NETSTACK_KERNEL_OPERATION,
		.title = "The kernel refused an operation",
		.description = "A part of a stack is not in force. The log line has the operation and the kernel's own reason; 'show netstack' has the rest.",
		.suggestion = "Change what the reason names. The operation is tried again by itself, at the latest every 60 seconds."
	},
	{
		.code = EC_NETSTACK_KERNEL_OVERRUN,
		.title = "Notifications of the kernel were lost",
		.description = "More changed in the kernel than netstackd could read in time. Everything is read again; nothing is lost but time.",
		.suggestion = "None is needed for single ones. If this repeats, raise net.core.rmem_max and look for what changes so much."
	},
	{
		.code = EC_NETSTACK_BFD_PROFILE,
		.title = "A BFD profile is absent",
		.description = "A gateway or route is tracked by BFD with a profile that the BFD daemon does not have. The session has the daemon's defaults meanwhile, and may detect a failure later than was meant.",
		.suggestion = "Add 'profile NAME' to the BFD daemon's configuration, or name another one in the line. It comes into force by itself."
	},
	{
		.code = EC_NETSTACK_TABLE_EXHAUSTED,
		.title = "No routing table is left",
		.description = "Every table of the range is in use. The stack stays down.",
		.suggestion = "Widen the range with 'netstack-global table-range', or give the stack a table by 'table'."
	},
	{
		.code = EC_NETSTACK_TABLE_CLASH,
		.title = "A routing table is in use",
		.description = "The table that the stack is configured with belongs to another VRF or rule. The stack stays down, because zebra would exit.",
		.suggestion = "Give the stack another table, or remove what has this one. 'show netstack NAME detail' says who has it."
	},
	{
		.code = EC_NETSTACK_STATE_FILE,
		.title = "The state file could not be read or written",
		.description = "It keeps which table each stack got and which interfaces it took in. Without it, tables can differ after the next restart.",
		.suggestion = "Check the folder's owner (frr), its permissions, and that the disk is not full."
	},
	{
		.code = EC_NETSTACK_REPAIR,
		.title = "Something of a stack was removed or changed from outside, and put back",
		.description = "A device, address, route, neighbour or enslavement that netstackd had put in the kernel was taken away by something else.",
		.suggestion = "Find what did it: another network manager (ifupdown, systemd-networkd, NetworkManager), a script, or a person."
	},
	{
		.code = EC_NETSTACK_ZEBRA_ROUTE,
		.title = "zebra could not install a route",
		.description = "A route or gateway of a stack is not in force, because zebra or the kernel refused it.",
		.suggestion = "Look at zebra's log, and at 'show ip route vrf NAME' for a route that is preferred."
	},
	{
		.code = EC_NETSTACK_ZEBRA_SEND,
		.title = "A message could not be sent to zebra",
		.description = "The connection with zebra broke while routes were sent. They are sent again when it is back.",
		.suggestion = "Check that zebra runs."
	},
	{
		.code = EC_NETSTACK_PRIVILEGES,
		.title = "Privileges could not be raised or lowered",
		.description = "An operation needs a capability that netstackd could not get.",
		.suggestion = "Check the capabilities of the process, and that nothing (systemd, a container) takes them away."
	},
	{
		.code = EC_NETSTACK_LIMIT,
		.title = "A limit of a stack is reached, or nearly",
		.description = "The stack's routing table or its ARP and ND tables have 80 % of what its limit allows, or all of it. At the limit, unless it is for warnings only, further routes of the stack's configuration wait and the least recently confirmed neighbours are removed.",
		.suggestion = "Find out what fills it ('show netstack NAME route' or 'neighbor'). If it is right, raise the limit."
	},
	{
		.code = EC_NETSTACK_NEIGH_TABLE,
		.title = "The kernel's neighbour table is too small",
		.description = "The kernel has one ARP and one ND table for all links of all stacks. One is smaller than the limits of the stacks, or it is nearly full: one stack can take the room of another.",
		.suggestion = "Run the sysctl command that the log line has, in the kernel's first network namespace, and put it into /etc/sysctl.d."
	},
	{
		.code = END_FERR,
	}
};
/* clang-format on */

void netstack_error_init(void)
{
	log_ref_add(netstack_refs);
}
