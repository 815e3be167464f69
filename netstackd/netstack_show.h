// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that look: `show netstack …`, `clear netstack …`.
 */

#ifndef _NETSTACK_SHOW_H
#define _NETSTACK_SHOW_H

#include <stdbool.h>

struct json_object;
struct netstack;

extern void netstack_show_init(void);

/* What `show netstack NAME` can be asked for; netstack_show_json.c. */
extern struct json_object *netstack_json_stack(const struct netstack *stack, bool detail);
extern struct json_object *netstack_json_interfaces(const struct netstack *stack);
extern struct json_object *netstack_json_gateways(const struct netstack *stack);
extern struct json_object *netstack_json_routes(const struct netstack *stack);
extern struct json_object *netstack_json_neighbors(const struct netstack *stack);

extern struct json_object *netstack_json_limits(const struct netstack *stack);

/* The totals of `show netstack summary`. */
struct netstack_summary;
extern struct json_object *netstack_json_summary(const struct netstack_summary *summary);

#endif /* _NETSTACK_SHOW_H */
