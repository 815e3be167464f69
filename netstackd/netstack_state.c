// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has to outlive the daemon: tables and members, in FRR's state file of the daemon.
 */

#include <zebra.h>

#include "frrevent.h"
#include "json.h"
#include "libfrr.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_state.h"
#include "netstackd/netstack_table.h"

/*
 * How long changes are gathered before they are written.  The file is written as a whole, with
 * fsync(): once for each change, a thousand stacks would take minutes.  What a crash can lose of
 * it is found in the kernel again, but for the enslavement of a link that we did not create and
 * that the configuration gave up in the same moment.
 */
#define SAVE_MSEC 1000

static struct event *t_save;

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

void netstack_state_load(void)
{
	struct json_object *state = frr_daemon_state_load(), *part;

	if (json_object_object_get_ex(state, "tables", &part) &&
	    json_object_is_type(part, json_type_object))
		load_tables(part);
	if (json_object_object_get_ex(state, "members", &part) &&
	    json_object_is_type(part, json_type_object))
		load_members(part);
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

static void save(void)
{
	struct json_object *state = frr_daemon_state_load();
	struct json_object *tables = json_object_new_object();
	struct json_object *members = json_object_new_object();
	const struct netstack *stack;

	netstack_table_remembered(add_table, tables);
	frr_each (netstacks_const, &netstacks, stack)
		add_members(stack, members);
	json_object_object_add(state, "tables", tables);
	json_object_object_add(state, "members", members);
	frr_daemon_state_save(&state);
}

static void save_now(struct event *event)
{
	save();
}

void netstack_state_changed(void)
{
	event_add_timer_msec(master, save_now, NULL, SAVE_MSEC, &t_save);
}

void netstack_state_save(void)
{
	if (!t_save)
		return;
	EVENT_OFF(t_save);
	save();
}
