// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure, and how configuration is written.
 */

#ifndef _NETSTACK_CLI_H
#define _NETSTACK_CLI_H

/* Installs nodes and commands, and readies the checks.  Once, after frr_init(). */
extern void netstack_cli_init(void);
extern void netstack_cli_terminate(void);

#endif /* _NETSTACK_CLI_H */
