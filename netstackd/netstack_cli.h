// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure, and how configuration is written.
 */

#ifndef _NETSTACK_CLI_H
#define _NETSTACK_CLI_H

/*
 * Installs nodes and commands, and readies the checks.  Once, after frr_init().  What it has is
 * freed by frr_early_fini().
 */
extern void netstack_cli_init(void);

#endif /* _NETSTACK_CLI_H */
