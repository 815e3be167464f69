// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One tree for the running configuration and for the candidate of the command line.
 *
 * libfrr has the whole configuration twice: as it is, and as what a command edits.  Our commands are
 * committed at once (netstack_slice.h) and do not need the second one.  So, as long as nobody else edits it, the
 * candidate has the tree of the running configuration and none of its own.  That halves what a
 * configuration takes, and each line goes into one tree.
 *
 * Before a command of libfrr's that edits the candidate (a prefix-list) is executed the candidate gets
 * a copy, and once the two are equal again, some moments later, that is freed.  In the
 * transactional mode of the command line (--tcli) they are never one.
 */

#ifndef _NETSTACK_CANDIDATE_H
#define _NETSTACK_CANDIDATE_H

struct event_loop;

/*
 * Once, when all commands are installed.  They have one tree from the end of the daemon's own configuration
 * file on, if it has one.
 */
extern void netstack_candidate_init(struct event_loop *loop);

/* Have they one tree? */
extern bool netstack_candidate_is_shared(void);

/* One tree from now on; the candidate's own is freed.  They are equal, and the mode is classic. */
extern void netstack_candidate_share(void);

/* The candidate gets a tree of its own, if it has none; they are equal. */
extern void netstack_candidate_separate(void);

/* Before libfrr frees both. */
extern void netstack_candidate_terminate(void);

#endif /* _NETSTACK_CANDIDATE_H */
