// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netstackd: start and stop.
 *
 * The kernel is read before the configuration, so that the first line of it is checked against
 * facts.  Stopping leaves the stacks in the kernel and the routes in zebra: packets flow on, and
 * the next start adopts what it finds.
 */

#include <zebra.h>

#include <getopt.h>

#include "command.h"
#include "debug.h"
#include "filter.h"
#include "frrevent.h"
#include "libfrr.h"
#include "log.h"
#include "memory.h"
#include "privs.h"
#include "sigevent.h"
#include "vrf.h"
#include "yang.h"

#include "lib/version.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_candidate.h"
#include "netstackd/netstack_cli.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_privs.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_show.h"
#include "netstackd/netstack_trim.h"
#include "netstackd/netstack_zebra.h"

/*
 * CAP_NET_ADMIN: rtnetlink requests, sysctls below net, socket buffers beyond the limit.
 * CAP_NET_RAW: echoes to gateways that are tracked by ICMP.
 * Nothing else is needed for VRF devices, and the others are given up then (netstack_privs.h).
 */
static zebra_capabilities_t netstack_caps[] = {
	ZCAP_NET_ADMIN,
	ZCAP_NET_RAW,
	ZCAP_SYS_ADMIN,
	ZCAP_DAC_OVERRIDE,
};

struct zebra_privs_t netstack_privs = {
#if defined(FRR_USER) && defined(FRR_GROUP)
	.user = FRR_USER,
	.group = FRR_GROUP,
#endif
#if defined(VTY_GROUP)
	.vty_group = VTY_GROUP,
#endif
	.caps_p = netstack_caps,
	.cap_num_p = array_size(netstack_caps),
	.cap_num_i = 0,
};

struct event_loop *master;

static void on_hangup(void)
{
	zlog_info("SIGHUP received and ignored");
}

static void on_terminate(void)
{
	zlog_notice("Terminating on signal");
	frr_early_fini();
	netstack_reconcile_terminate();
	netstack_zebra_terminate();
	netstack_candidate_terminate();
	netstack_leak_terminate();
	vrf_terminate();
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

static const struct frr_yang_module_info *const netstack_yang_modules[] = {
	&frr_filter_info,
	&frr_interface_info,
	&frr_netstack_info,
	&frr_vrf_info,
};

/* The path is filled in by main(): it depends on the name space of paths (-N). */
static char state_path[512];
static char *state_paths[] = { state_path, NULL };

/* clang-format off */
FRR_DAEMON_INFO(netstackd, NETSTACK,
	.vty_port = NETSTACK_VTY_PORT,
	.proghelp = "TCP/IP stacks of their own: interfaces, neighbours, routes and gateways.",

	.signals = netstack_signals,
	.n_signals = array_size(netstack_signals),

	.privs = &netstack_privs,

	.yang_modules = netstack_yang_modules,
	.n_yang_modules = array_size(netstack_yang_modules),

	.state_paths = state_paths,
);
/* clang-format on */

static const struct option longopts[] = { { 0 } };

int main(int argc, char **argv)
{
	frr_preinit(&netstackd_di, argc, argv);
	frr_opt_add("", longopts, "");

	while (true) {
		int opt = frr_getopt(argc, argv, NULL);

		if (opt == EOF)
			break;
		if (opt != 0)
			frr_help_exit(1);
	}
	snprintf(state_path, sizeof(state_path), "%s/netstackd.json", frr_libstatedir);

	master = frr_init();
	netstack_privs_init();
	netstack_error_init();
	netstack_debug_init();
	netstack_reconcile_init(master);
	netstack_leak_init();
	netstack_zebra_init(master);
	netstack_cli_init();
	netstack_show_init();
	netstack_trim_init(master);
	netstack_candidate_init(master);
	if (netstack_reconcile_start())
		exit(1);

	frr_config_fork();
	frr_run(master);
	return 0;
}
