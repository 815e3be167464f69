// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module of zebra: the removal of a network namespace does not take zebra along.
 *
 * When a namespace goes, zebra 10.3 closes its sockets in the main thread, and with them frees the
 * buffer from which the dataplane's thread sends to the kernel, for all namespaces
 * (kernel_terminate() in zebra/kernel_netlink.c).  The next route of any VRF is then written to
 * NULL; and a batch that is just being written or sent has lost buffer and socket.  See
 * doc/developer/upstream.md.
 *
 * This module takes the place of zebra's hook for namespaces that are disabled.  It has the
 * dataplane's thread finish what it was given, holds it for as long as zebra tidies up, and has
 * it allocate a new buffer afterwards.
 *
 * Loaded by `zebra -M netstack`; without network namespaces as VRFs (-w) it does nothing.
 */

#include <zebra.h>

#include "frr_pthread.h"
#include "frrevent.h"
#include "hook.h"
#include "libfrr.h"
#include "log.h"
#include "module.h"
#include "ns.h"
#include "vrf.h"
#include "zebra/zebra_dplane.h"
#include "zebra/zebra_ns.h"
#include "zebra/zebra_router.h"

/*
 * zebra's own, in none of its headers.  nl_batch_init() allocates the buffer when this is not the
 * size that is configured, and at no other time.
 */
extern size_t nl_batch_tx_bufsize;
extern int zebra_ns_disabled(struct ns *ns);

/*
 * Work of the dataplane leaves the queue that can be seen before it is done: it then is in the
 * queues of the providers, of which each turn of the thread empties one at least.  So many turns
 * in a row with nothing to be seen are more than there are providers.
 */
#define QUIET_TURNS 16

enum dplane_state {
	DPLANE_RUNS,
	DPLANE_TO_BE_HELD,
	DPLANE_HELD,
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static enum dplane_state state; /* by mutex */
static int quiet_turns;		/* the dataplane's while it is to be held, else the main thread's */

static void set_state(enum dplane_state to)
{
	state = to;
	pthread_cond_broadcast(&changed);
}

static void wait_while(enum dplane_state is)
{
	while (state == is)
		pthread_cond_wait(&changed, &mutex);
}

/* In the dataplane's thread, between two of its events: nothing is half written or half sent. */
static void hold_here(struct event *event)
{
	if (dplane_get_in_queue_len() > 0)
		quiet_turns = 0;
	if (++quiet_turns < QUIET_TURNS) {
		event_add_event(dplane_get_thread_master(), hold_here, NULL, 0, NULL);
		return;
	}
	frr_with_mutex (&mutex) {
		set_state(DPLANE_HELD);
		wait_while(DPLANE_HELD);
	}
}

static void hold_dplane(void)
{
	quiet_turns = 0;
	frr_with_mutex (&mutex) {
		set_state(DPLANE_TO_BE_HELD);
		event_add_event(dplane_get_thread_master(), hold_here, NULL, 0, NULL);
		wait_while(DPLANE_TO_BE_HELD);
	}
}

static void release_dplane(void)
{
	frr_with_mutex (&mutex) {
		set_state(DPLANE_RUNS);
	}
}

/* In the main thread, in the place of zebra_ns_disabled(), which does the work. */
static int ns_disabled_safely(struct ns *ns)
{
	int ret;

	/* At the end zebra waits for the dataplane, and nothing is sent after that. */
	if (!ns->info || !dplane_get_thread_master() || zebra_router_in_shutdown())
		return zebra_ns_disabled(ns);

	/* First, as it waits for the dataplane's thread.  The second time it does nothing. */
	zebra_dplane_ns_enable(ns->info, false);
	hold_dplane();
	ret = zebra_ns_disabled(ns);
	nl_batch_tx_bufsize = 0;
	release_dplane();
	return ret;
}

/* zebra has set its hooks and read no event yet. */
static int take_over(struct event_loop *loop)
{
	if (vrf_is_backend_netns()) {
		ns_add_hook(NS_DISABLE_HOOK, ns_disabled_safely);
		zlog_info("netstack: the dataplane is held while a namespace is removed");
	}
	return 0;
}

static int module_init(void)
{
	hook_register(frr_late_init, take_over);
	return 0;
}

/* clang-format off */
FRR_MODULE_SETUP(
	.name = "zebra_netstack",
	.version = NETSTACK_VERSION,
	.description = "Safe removal of network namespaces",
	.init = module_init,
);
/* clang-format on */
