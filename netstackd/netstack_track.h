// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When is a tracked next hop up, and when is it down?  Pure: no clock, no I/O.
 *
 *                 ALIVE                      DEAD
 *     unknown ------------> up --------------------------> down
 *        |                   ^                              | ^
 *        |                   | HELD                   ALIVE | | LOST, DEAD
 *        |                   |                              v |
 *        |                   +-------------------------- returning
 *        |                       DEAD
 *        +------------------------------------------------> down
 *
 * - unknown: nothing has been heard yet and the first detection time is not over.  The next hop is
 *   used: after a restart of the daemon no packet is lost for want of knowledge.
 * - returning: it was down and answers again.  It is used when it has done so for the hold-down,
 *   without a gap.
 */

#ifndef _NETSTACK_TRACK_H
#define _NETSTACK_TRACK_H

#include <stdbool.h>
#include <stdint.h>

enum netstack_track_state {
	NETSTACK_TRACK_UNKNOWN = 0,
	NETSTACK_TRACK_UP,
	NETSTACK_TRACK_DOWN,
	NETSTACK_TRACK_RETURNING,
};

enum netstack_track_event {
	NETSTACK_TRACK_ALIVE, /* a sign of life */
	NETSTACK_TRACK_LOST,  /* a sign of life that was due is missing */
	NETSTACK_TRACK_DEAD,  /* so many are missing that it is down */
	NETSTACK_TRACK_HELD,  /* the hold-down is over */
};

extern enum netstack_track_state netstack_track_next(enum netstack_track_state state,
						     enum netstack_track_event event);
/* May the next hop be used? */
extern bool netstack_track_is_usable(enum netstack_track_state state);
/* "unknown", "up", "down", "returning" */
extern const char *netstack_track_state_word(enum netstack_track_state state);

/*
 * Milliseconds from the first echo in which one that has never answered is not dead: a link that has
 * just come up can need one second to work, and the first ARP request or neighbor solicitation, if it
 * is lost, is repeated after another (RFC 1122, 2.3.2.1; RFC 4861, 10, RETRANS_TIMER).
 */
#define NETSTACK_ECHOES_FIRST_MSEC 3000

/* Echoes to one next hop: at most one is under way. */
struct netstack_echoes {
	uint8_t multiplier; /* so many in a row are lost, and it is dead */
	uint8_t lost;	    /* in a row; stays at the multiplier */
	bool awaited;	    /* the last one has not been answered */
	bool heard;	    /* one has been answered */
	uint16_t sequence;  /* of the last one */
};

/*
 * The interval is over and the next echo is due, `age` milliseconds after the first: what does that say
 * of the last one?  False: nothing, it was answered, or there was none.
 */
extern bool netstack_echoes_expire(struct netstack_echoes *echoes, int64_t age,
				   enum netstack_track_event *event);
/* An echo is sent: its sequence number. */
extern uint16_t netstack_echoes_send(struct netstack_echoes *echoes);
/* An answer.  True if it is that to the last echo, and its first. */
extern bool netstack_echoes_answer(struct netstack_echoes *echoes, uint16_t sequence);

#endif /* _NETSTACK_TRACK_H */
