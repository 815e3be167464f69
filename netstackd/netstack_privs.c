// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Capabilities, one purpose each.
 */

#include <zebra.h>

#include <sys/capability.h>

#include "lib_errors.h"
#include "log.h"
#include "privs.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_privs.h"

static const cap_value_t of_network[] = { CAP_NET_ADMIN };
static const cap_value_t of_raw[] = { CAP_NET_RAW };
static const cap_value_t of_netns[] = { CAP_SYS_ADMIN, CAP_DAC_OVERRIDE };

/*
 * What this thread has, which is the only one that changes it: asked for once, as to ask costs libcap
 * two system calls each time.  NULL: not known.
 */
static cap_t mine;

/* Sets or clears one flag of some capabilities of this thread; 0 or a positive errno. */
static int change(cap_flag_t flag, const cap_value_t *values, int count, cap_flag_value_t value)
{
	int error = 0;

	if (!mine)
		mine = cap_get_proc();
	if (!mine)
		return errno;
	if (cap_set_flag(mine, flag, count, values, value) < 0 || cap_set_proc(mine) < 0) {
		error = errno;
		cap_free(mine);
		mine = NULL;
	}
	return error;
}

/* What frr_with_privs() does from now on; the type is libfrr's. */
static int change_network(zebra_privs_ops_t op)
{
	int error = change(CAP_EFFECTIVE, of_network, array_size(of_network),
			   op == ZPRIVS_RAISE ? CAP_SET : CAP_CLEAR);

	errno = error;
	return error ? -1 : 0;
}

void netstack_privs_init(void)
{
	/* without a user to become, as in unit tests, the process keeps what it has */
	if (netstack_privs.cap_num_p)
		netstack_privs.change = change_network;
}

static void lower(const cap_value_t *values, int count)
{
	int error;

	if (!netstack_privs.cap_num_p)
		return;
	error = change(CAP_EFFECTIVE, values, count, CAP_CLEAR);
	if (error)
		flog_err(EC_NETSTACK_PRIVILEGES, "Lowering privileges: %s", safe_strerror(error));
}

int netstack_privs_raise_netns(void)
{
	return change(CAP_EFFECTIVE, of_netns, array_size(of_netns), CAP_SET);
}

void netstack_privs_lower_netns(void)
{
	lower(of_netns, array_size(of_netns));
}

int netstack_privs_raise_raw(void)
{
	return change(CAP_EFFECTIVE, of_raw, array_size(of_raw), CAP_SET);
}

void netstack_privs_lower_raw(void)
{
	lower(of_raw, array_size(of_raw));
}

void netstack_privs_give_up_netns(void)
{
	int error;

	if (!netstack_privs.cap_num_p)
		return;
	error = change(CAP_PERMITTED, of_netns, array_size(of_netns), CAP_CLEAR);
	if (error)
		flog_err(EC_NETSTACK_PRIVILEGES, "Giving up privileges: %s", safe_strerror(error));
}

bool netstack_privs_have_netns(void)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;
	bool have = caps != NULL;

	for (size_t i = 0; have && i < array_size(of_netns); i++)
		have = !cap_get_flag(caps, of_netns[i], CAP_PERMITTED, &value) && value == CAP_SET;
	if (caps)
		cap_free(caps);
	return have;
}
