// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Log references: the code, cause and remedy of what netstackd logs as an error or a warning, for
 * flog_err(), flog_warn() and `show error`.
 */

#ifndef _NETSTACK_ERRORS_H
#define _NETSTACK_ERRORS_H

#include "ferr.h"

/* A range that FRR does not use: its daemons count up from 0x01, zebra has 0xF1. */
#define NETSTACK_FERR_START 0x4E000001
#define NETSTACK_FERR_END   0x4EFFFFFF

enum netstack_log_refs {
	EC_NETSTACK_KERNEL_SOCKET = NETSTACK_FERR_START,
	EC_NETSTACK_KERNEL_DUMP,
	EC_NETSTACK_KERNEL_NO_VRF,
	EC_NETSTACK_KERNEL_OPERATION,
	EC_NETSTACK_KERNEL_OVERRUN,
	EC_NETSTACK_TABLE_EXHAUSTED,
	EC_NETSTACK_TABLE_CLASH,
	EC_NETSTACK_STATE_FILE,
	EC_NETSTACK_REPAIR,
	EC_NETSTACK_ZEBRA_ROUTE,
	EC_NETSTACK_ZEBRA_SEND,
	EC_NETSTACK_PRIVILEGES,
	EC_NETSTACK_LIMIT,
	EC_NETSTACK_NEIGH_TABLE,
	EC_NETSTACK_BFD_PROFILE,
};

/* Registers the references with libfrr. */
extern void netstack_error_init(void);

#endif /* _NETSTACK_ERRORS_H */
