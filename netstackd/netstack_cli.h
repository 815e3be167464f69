// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure.  netstack_cli_show.c is how configuration is written; its functions
 * are callbacks (netstack_nb.h).
 */

#ifndef _NETSTACK_CLI_H
#define _NETSTACK_CLI_H

/*
 * Installs nodes and commands, and readies the checks.  Once, after frr_init().  What it has is
 * freed by frr_early_fini().
 */
extern void netstack_cli_init(void);

/* Its parts: the interfaces of a stack; its gateways, routes and neighbours. */
extern void netstack_cli_if_init(void);
extern void netstack_cli_route_init(void);
/* Its limits, and the leaks into it. */
extern void netstack_cli_limit_init(void);
extern void netstack_cli_leak_init(void);

#endif /* _NETSTACK_CLI_H */
