// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The settings of an interface below /proc/sys/net, kept while it changes its namespace.
 */

#include <zebra.h>

#include <dirent.h>

#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_if_settings.h"
#include "netstackd/netstack_sysctl.h"

DEFINE_MTYPE_STATIC(NETSTACKD, IF_SETTINGS, "Settings of a link on its way");

struct setting {
	const char *part; /* one of parts[] */
	char leaf[48];
	int value;
};

struct netstack_if_settings {
	struct setting *settings;
	size_t count;
};

static const char *const parts[] = { "ipv4/conf", "ipv4/neigh", "ipv6/conf", "ipv6/neigh" };

/*
 * Forwarding follows the namespace; disable_ipv6 and mtu are the plan's; the kernel alone writes
 * mc_forwarding; stable_secret is no number.
 */
static const char *const left_out[] = {
	"forwarding", "disable_ipv6", "mtu", "mc_forwarding", "stable_secret",
};

static bool is_left_out(const char *leaf)
{
	for (size_t i = 0; i < array_size(left_out); i++)
		if (!strcmp(leaf, left_out[i]))
			return true;
	return leaf[0] == '.';
}

static void setting_name(char *buf, size_t size, const char *part, const char *ifname,
			 const char *leaf)
{
	/* no setting has so long a name that it would be cut */
	snprintf(buf, size, "%s/%s/%.64s", part, ifname, leaf);
}

static void note_setting(struct netstack_if_settings *all, const char *part, const char *ifname,
			 const char *leaf)
{
	struct setting setting = { .part = part };
	char name[128];

	if (strlcpy(setting.leaf, leaf, sizeof(setting.leaf)) >= sizeof(setting.leaf))
		return;
	setting_name(name, sizeof(name), part, ifname, leaf);
	if (netstack_sysctl_read(name, &setting.value))
		return;
	all->settings = XREALLOC(MTYPE_IF_SETTINGS, all->settings,
				 (all->count + 1) * sizeof(all->settings[0]));
	all->settings[all->count++] = setting;
}

static void read_part(struct netstack_if_settings *all, const char *part, const char *ifname)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s", part, ifname);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (!is_left_out(entry->d_name))
			note_setting(all, part, ifname, entry->d_name);
	closedir(dir);
}

struct netstack_if_settings *netstack_if_settings_read(const char *ifname)
{
	struct netstack_if_settings *all = XCALLOC(MTYPE_IF_SETTINGS, sizeof(*all));

	for (size_t i = 0; i < array_size(parts); i++)
		read_part(all, parts[i], ifname);
	if (!all->count) {
		netstack_if_settings_free(all);
		return NULL;
	}
	return all;
}

unsigned int netstack_if_settings_write(const struct netstack_if_settings *all, const char *ifname)
{
	unsigned int failed = 0;
	char name[128];
	int now;

	for (size_t i = 0; i < all->count; i++) {
		const struct setting *setting = &all->settings[i];

		setting_name(name, sizeof(name), setting->part, ifname, setting->leaf);
		if (netstack_sysctl_read(name, &now) || now == setting->value)
			continue;
		if (netstack_sysctl_write(name, setting->value))
			failed++;
	}
	return failed;
}

void netstack_if_settings_free(struct netstack_if_settings *all)
{
	if (!all)
		return;
	XFREE(MTYPE_IF_SETTINGS, all->settings);
	XFREE(MTYPE_IF_SETTINGS, all);
}
