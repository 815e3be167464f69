// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has to outlive the daemon: tables, members, original settings of links and the backend, in
 * FRR's state file of the daemon.
 */

#include <zebra.h>

#include "frrevent.h"
#include "json.h"
#include "libfrr.h"
#include "monotime.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_original.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_record.h"
#include "netstackd/netstack_state.h"
#include "netstackd/netstack_table.h"

/*
 * How long changes are gathered before they are written.  The file is written as a whole, with
 * fsync(): once for each change, a thousand stacks would take minutes.  What a crash can lose of
 * it is found in the kernel again, but for the enslavement of a link that we did not create and
 * that the configuration gave up in the same moment, and for the MAC and the MTU that a link had
 * until then.
 */
#define SAVE_MSEC 1000

/*
 * Or more, with many stacks, while one change follows the other: to write all of it takes some 10
 * milliseconds for a thousand, and is not to take more than a twentieth of the time.
 */
#define SAVE_SHARE    20
#define SAVE_MSEC_MAX 5000

static struct event *t_save;
static unsigned int save_msec = SAVE_MSEC;

static void load_tables(struct json_object *tables)
{
	json_object_object_foreach (tables, name, table)
		if (strlen(name) <= NETSTACK_NAME_MAX)
			netstack_table_remember(name, json_object_get_int64(table));
}

static void load_members(struct json_object *members)
{
	json_object_object_foreach (members, name, links) {
		if (strlen(name) > NETSTACK_NAME_MAX ||
		    !json_object_is_type(links, json_type_array))
			continue;
		for (size_t i = 0; i < json_object_array_length(links); i++) {
			const char *link =
				json_object_get_string(json_object_array_get_idx(links, i));

			if (link && strlen(link) < IFNAMSIZ)
				netstack_record_member(netstack_leftover(name), link);
		}
	}
}

static const char *const backends[] = {
	[NETSTACK_BACKEND_VRF] = "vrf",
	[NETSTACK_BACKEND_NETNS] = "netns",
};

static void load_backend(const char *word)
{
	for (size_t i = NETSTACK_BACKEND_VRF; i < array_size(backends); i++)
		if (word && !strcmp(word, backends[i]))
			netstack_remember_backend(i);
}

static bool load_mac(struct json_object *link, const char *key, struct ethaddr *mac)
{
	struct json_object *text;

	return json_object_object_get_ex(link, key, &text) &&
	       prefix_str2mac(json_object_get_string(text), mac);
}

static uint32_t load_mtu(struct json_object *link, const char *key)
{
	struct json_object *mtu;

	return json_object_object_get_ex(link, key, &mtu) ? json_object_get_int64(mtu) : 0;
}

static void load_originals(struct json_object *originals)
{
	json_object_object_foreach (originals, name, link) {
		uint32_t mtu = load_mtu(link, "mtu"), our_mtu = load_mtu(link, "ourMtu");
		struct ethaddr mac, our_mac;

		if (strlen(name) >= IFNAMSIZ)
			continue;
		if (load_mac(link, "mac", &mac) && load_mac(link, "ourMac", &our_mac))
			netstack_original_note_mac(name, &mac, &our_mac);
		if (mtu && our_mtu)
			netstack_original_note_mtu(name, mtu, our_mtu);
	}
}

/* A part of the file is an object; what is not was not written by us. */
static void load_part(struct json_object *state, const char *key,
		      void (*load)(struct json_object *))
{
	struct json_object *part;

	if (json_object_object_get_ex(state, key, &part) &&
	    json_object_is_type(part, json_type_object))
		load(part);
}

void netstack_state_load(void)
{
	struct json_object *state = frr_daemon_state_load(), *backend;

	load_part(state, "tables", load_tables);
	load_part(state, "members", load_members);
	load_part(state, "originals", load_originals);
	if (json_object_object_get_ex(state, "backend", &backend))
		load_backend(json_object_get_string(backend));
	json_object_put(state);
}

static void add_table(const char *stack_name, uint32_t table, void *arg)
{
	json_object_object_add(arg, stack_name, json_object_new_int64(table));
}

static void add_member(const char *ifname, void *arg)
{
	json_object_array_add(arg, json_object_new_string(ifname));
}

static void add_members(const struct netstack *stack, struct json_object *members)
{
	struct json_object *links = json_object_new_array();

	netstack_each_member(stack, add_member, links);
	if (json_object_array_length(links))
		json_object_object_add(members, stack->name, links);
	else
		json_object_put(links);
}

static void add_original(const struct netstack_original *original, struct json_object *originals)
{
	struct json_object *link = json_object_new_object();

	if (original->has_mac) {
		json_object_string_addf(link, "mac", "%pEA", &original->mac);
		json_object_string_addf(link, "ourMac", "%pEA", &original->our_mac);
	}
	if (original->mtu) {
		json_object_int_add(link, "mtu", original->mtu);
		json_object_int_add(link, "ourMtu", original->our_mtu);
	}
	json_object_object_add(originals, original->name, link);
}

static void save(void)
{
	struct json_object *state = frr_daemon_state_load();
	struct json_object *tables = json_object_new_object();
	struct json_object *members = json_object_new_object();
	struct json_object *originals = json_object_new_object();
	const struct netstack_original *original;
	const struct netstack *stack;

	netstack_table_remembered(add_table, tables);
	frr_each (netstacks_const, &netstacks, stack)
		add_members(stack, members);
	frr_each (netstack_originals_const, &netstack_originals, original)
		add_original(original, originals);
	json_object_object_add(state, "tables", tables);
	json_object_object_add(state, "members", members);
	json_object_object_add(state, "originals", originals);
	if (netstack_backend() != NETSTACK_BACKEND_UNKNOWN)
		json_object_object_add(state, "backend",
				       json_object_new_string(backends[netstack_backend()]));
	frr_daemon_state_save(&state);
}

static void save_now(struct event *event)
{
	struct timeval start;

	monotime(&start);
	save();
	save_msec = MIN(MAX(SAVE_MSEC, SAVE_SHARE * monotime_since(&start, NULL) / 1000),
			SAVE_MSEC_MAX);
}

void netstack_state_changed(void)
{
	/* which would ask for the time before it sees that */
	if (!t_save)
		event_add_timer_msec(master, save_now, NULL, save_msec, &t_save);
}

void netstack_state_save(void)
{
	if (!t_save)
		return;
	EVENT_OFF(t_save);
	save();
}
