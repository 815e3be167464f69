// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commits what one command changes, at the cost of what it changes.
 *
 * libfrr validates, compares and copies the whole configuration for each transaction.  Here that is
 * done with a slice of it: the entry of a list of a stack that the changes are in, the settings of
 * the stack that are in no list, or, if they are not all in one of these, the stack.  No constraint
 * of the model is between slices; netstack_validate.c has those, by indexes.
 */

#ifndef _NETSTACK_SLICE_H
#define _NETSTACK_SLICE_H

#include "vty.h"

/*
 * Commits what the command of the vty has enqueued, in the vty's candidate and in the running
 * configuration.  Returns an enum nb_error:
 *
 *     NB_OK              it is in both, desired knows, or there was nothing to change;
 *     NB_ERR_NOT_FOUND   it is not of one stack, or the node that it is relative to is gone: nothing
 *                        was done, and libfrr has to commit it;
 *     all others         it is refused, and nothing has changed.
 *
 * errmsg has the reason in the end, or, of what is committed, a warning, or nothing.
 */
extern int netstack_slice_commit(struct vty *vty, char *errmsg, size_t len);

/* Frees what is kept from one command to the next. */
extern void netstack_slice_terminate(void);

#endif /* _NETSTACK_SLICE_H */
