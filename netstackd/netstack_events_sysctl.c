// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's settings that are observed: read, and followed as far as they can be.
 */

#include <zebra.h>

#include "frrevent.h"

#include "netstackd/netstack_events.h"
#include "netstackd/netstack_events_impl.h"
#include "netstackd/netstack_netns.h"

/*
 * Writes through another mount of /proc are not told (netstack_sysctl_watch_open()): what is watched
 * is read all the same when there is something to do, but not so often.
 */
#define SETTINGS_MSEC 1000

/* Notifications tell of these from then on. */
void netstack_events_read_forwarding(struct netstack_events *events)
{
	int ipv4 = 0, ipv6 = 0;

	if (netstack_netns_enter(events->netns))
		return;
	netstack_sysctl_read(NETSTACK_SYSCTL_FORWARDING_IPV4, &ipv4);
	netstack_sysctl_read(NETSTACK_SYSCTL_FORWARDING_IPV6, &ipv6);
	netstack_netns_leave(events->netns);
	events->obs->forwarding_ipv4 = ipv4 != 0;
	events->obs->forwarding_ipv6 = ipv6 != 0;
}

static void setting_written(struct event *event)
{
	struct netstack_watched_setting *setting = EVENT_ARG(event);
	struct netstack_events *events = setting->events;
	bool before = events->obs->strict_mode;

	event_add_read(events->loop, setting_written, setting, setting->watch.inotify,
		       &setting->t_read);
	netstack_sysctl_watch_drain(&setting->watch);
	netstack_events_reread_sysctls(events);
	if (events->obs->strict_mode != before && events->hooks->settings)
		events->hooks->settings(events->stack);
}

/* Where that cannot be had, what is written is noticed when the setting is read the next time. */
static void watch_setting(struct netstack_events *events, int which, const char *name)
{
	struct netstack_watched_setting *setting = &events->settings[which];
	int error = netstack_sysctl_watch_open(&setting->watch, name);

	if (error)
		zlog_warn("Watching /proc/sys/net/%s: %s", name, safe_strerror(error));
	else
		event_add_read(events->loop, setting_written, setting, setting->watch.inotify,
			       &setting->t_read);
}

static void read_l3mdev(struct netstack_events *events, int which, const char *name, int *value)
{
	bool had = *value >= 0;

	if (netstack_sysctl_read(name, value))
		*value = -1;
	if (*value >= 0 && !had)
		watch_setting(events, which, name);
}

/* The setting is there as soon as the vrf module is. */
void netstack_events_reread_sysctls(struct netstack_events *events)
{
	bool had_vrf = events->obs->has_vrf;
	int strict = 0;

	if (events->netns >= 0)
		return;
	monotime(&events->settings_read_at);
	events->obs->has_vrf = netstack_sysctl_read(NETSTACK_SYSCTL_STRICT_MODE, &strict) == 0;
	if (events->obs->has_vrf && !had_vrf)
		watch_setting(events, NETSTACK_WATCHED_STRICT_MODE, NETSTACK_SYSCTL_STRICT_MODE);
	events->obs->strict_mode = strict != 0;
	read_l3mdev(events, NETSTACK_WATCHED_TCP_L3MDEV, NETSTACK_SYSCTL_TCP_L3MDEV,
		    &events->obs->tcp_l3mdev_accept);
	read_l3mdev(events, NETSTACK_WATCHED_UDP_L3MDEV, NETSTACK_SYSCTL_UDP_L3MDEV,
		    &events->obs->udp_l3mdev_accept);
}

/* Those that this kernel has. */
static bool all_settings_are_watched(const struct netstack_events *events)
{
	const struct netstack_observed *obs = events->obs;

	return events->settings[NETSTACK_WATCHED_STRICT_MODE].t_read &&
	       (obs->tcp_l3mdev_accept < 0 ||
		events->settings[NETSTACK_WATCHED_TCP_L3MDEV].t_read) &&
	       (obs->udp_l3mdev_accept < 0 || events->settings[NETSTACK_WATCHED_UDP_L3MDEV].t_read);
}

void netstack_events_follow_sysctls(struct netstack_events *events)
{
	if (all_settings_are_watched(events) &&
	    monotime_since(&events->settings_read_at, NULL) < SETTINGS_MSEC * 1000)
		return;
	netstack_events_reread_sysctls(events);
}

void netstack_events_init_settings(struct netstack_events *events)
{
	for (int i = 0; i < NETSTACK_WATCHED_SETTINGS; i++) {
		events->settings[i].events = events;
		events->settings[i].watch.inotify = events->settings[i].watch.file = -1;
	}
}

void netstack_events_stop_settings(struct netstack_events *events)
{
	for (int i = 0; i < NETSTACK_WATCHED_SETTINGS; i++) {
		event_cancel(&events->settings[i].t_read);
		netstack_sysctl_watch_close(&events->settings[i].watch);
	}
}
