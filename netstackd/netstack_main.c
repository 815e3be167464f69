// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netstackd: start and stop.
 */

#include <zebra.h>

#include <getopt.h>

#include "command.h"
#include "frrevent.h"
#include "json.h"
#include "libfrr.h"
#include "log.h"
#include "privs.h"
#include "sigevent.h"
#include "yang.h"

#include "lib/version.h"

#include "netstackd/netstack_main_clippy.c"

#define NETSTACK_VTY_PORT 2640

extern const struct frr_yang_module_info frr_netstack_info;

static zebra_capabilities_t caps[] = { ZCAP_NET_ADMIN, ZCAP_SYS_ADMIN };

static struct zebra_privs_t netstack_privs = {
#if defined(FRR_USER) && defined(FRR_GROUP)
	.user = FRR_USER,
	.group = FRR_GROUP,
#endif
#if defined(VTY_GROUP)
	.vty_group = VTY_GROUP,
#endif
	.caps_p = caps,
	.cap_num_p = array_size(caps),
	.cap_num_i = 0,
};

static struct event_loop *master;

static void on_hangup(void)
{
	zlog_info("SIGHUP received and ignored");
}

static void on_terminate(void)
{
	zlog_notice("Terminating on signal");
	frr_fini();
	exit(0);
}

static void on_rotate(void)
{
	zlog_rotate();
}

static struct frr_signal_t netstack_signals[] = {
	{ .signal = SIGHUP, .handler = on_hangup },
	{ .signal = SIGUSR1, .handler = on_rotate },
	{ .signal = SIGINT, .handler = on_terminate },
	{ .signal = SIGTERM, .handler = on_terminate },
};

const struct frr_yang_module_info frr_netstack_info = {
	.name = "frr-netstack",
	.nodes = { { .xpath = NULL } },
};

static const struct frr_yang_module_info *const netstack_yang_modules[] = {
	&frr_netstack_info,
};

/* clang-format off */
FRR_DAEMON_INFO(netstackd, NETSTACK,
	.vty_port = NETSTACK_VTY_PORT,
	.proghelp = "TCP/IP stacks of their own, each with its routing table and gateways.",

	.signals = netstack_signals,
	.n_signals = array_size(netstack_signals),

	.privs = &netstack_privs,

	.yang_modules = netstack_yang_modules,
	.n_yang_modules = array_size(netstack_yang_modules),
);
/* clang-format on */

DEFPY(show_netstack, show_netstack_cmd, "show netstack [json$json]",
      SHOW_STR
      "TCP/IP stacks\n"
      JSON_STR)
{
	vty_out(vty, json ? "{}\n" : "");
	return CMD_SUCCESS;
}

int main(int argc, char **argv)
{
	frr_preinit(&netstackd_di, argc, argv);
	frr_opt_add("", NULL, "");

	while (true) {
		int opt = frr_getopt(argc, argv, NULL);

		if (opt == EOF)
			break;
		if (opt != 0)
			frr_help_exit(1);
	}

	master = frr_init();
	install_element(VIEW_NODE, &show_netstack_cmd);

	frr_config_fork();
	frr_run(master);
	return 0;
}
