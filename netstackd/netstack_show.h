// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that look: `show netstack …`, `clear netstack …`.
 */

#ifndef _NETSTACK_SHOW_H
#define _NETSTACK_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct netstack;

struct netstack_gateway_status;
struct vty;

extern void netstack_show_init(void);

/* A block of lines about a stack; netstack_show_detail.c. */
extern void netstack_show_detail(struct vty *vty, const struct netstack *stack);
/* A routing table, as iproute2 calls it; "-": none.  Returns buf, or a literal. */
extern const char *netstack_show_table_name(uint32_t table, char *buf, size_t len);
/* "up 00:01:10"; what is wrong with the next hop is its reason already.  Returns buf. */
extern const char *netstack_show_track_state(const struct netstack_gateway_status *track, char *buf,
					     size_t len);

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
