// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What changes from one configuration to another one, node by node: as nb_config_diff() of libfrr finds
 * it, which makes a tree of differences first and goes by path from one to the next.
 *
 * Not for models in which the order of entries says something, or a callback is to be called for what
 * is in an entry that goes (F_NB_CB_DESTROY_RECURSE): ours has neither.
 */

#ifndef _NETSTACK_DIFF_H
#define _NETSTACK_DIFF_H

#include "northbound.h"

struct lyd_node;

/*
 * Adds the callbacks to `changes` that make `will_be` of `was`, which are the same node of the model, in two
 * trees.  NULL: it is not there; not both.  They are numbered from *seq on.  Whoever called frees them
 * by nb_config_diff_del_changes(); the trees have to live as long.
 */
extern void netstack_diff(const struct lyd_node *was, const struct lyd_node *will_be, uint32_t *seq,
			  struct nb_config_cbs *changes);

#endif /* _NETSTACK_DIFF_H */
