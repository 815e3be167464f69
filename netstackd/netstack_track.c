// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When is a tracked next hop up, and when is it down?
 */

#include <zebra.h>

#include "netstackd/netstack_track.h"

enum netstack_track_state netstack_track_next(enum netstack_track_state state,
					      enum netstack_track_event event)
{
	switch (event) {
	case NETSTACK_TRACK_ALIVE:
		if (state == NETSTACK_TRACK_UNKNOWN)
			return NETSTACK_TRACK_UP;
		return state == NETSTACK_TRACK_DOWN ? NETSTACK_TRACK_RETURNING : state;
	case NETSTACK_TRACK_LOST:
		return state == NETSTACK_TRACK_RETURNING ? NETSTACK_TRACK_DOWN : state;
	case NETSTACK_TRACK_DEAD:
		return NETSTACK_TRACK_DOWN;
	case NETSTACK_TRACK_HELD:
		return state == NETSTACK_TRACK_RETURNING ? NETSTACK_TRACK_UP : state;
	}
	return state;
}

bool netstack_track_is_usable(enum netstack_track_state state)
{
	return state == NETSTACK_TRACK_UNKNOWN || state == NETSTACK_TRACK_UP;
}

const char *netstack_track_state_word(enum netstack_track_state state)
{
	static const char *const words[] = {
		[NETSTACK_TRACK_UNKNOWN] = "unknown",
		[NETSTACK_TRACK_UP] = "up",
		[NETSTACK_TRACK_DOWN] = "down",
		[NETSTACK_TRACK_RETURNING] = "returning",
	};

	return words[state];
}

bool netstack_echoes_expire(struct netstack_echoes *echoes, int64_t age,
			    enum netstack_track_event *event)
{
	bool is_new = !echoes->heard && age < NETSTACK_ECHOES_FIRST_MSEC;

	if (!echoes->awaited)
		return false;
	echoes->awaited = false;
	if (echoes->lost < echoes->multiplier)
		echoes->lost++;
	*event = is_new || echoes->lost < echoes->multiplier ? NETSTACK_TRACK_LOST
							     : NETSTACK_TRACK_DEAD;
	return true;
}

uint16_t netstack_echoes_send(struct netstack_echoes *echoes)
{
	echoes->awaited = true;
	return ++echoes->sequence;
}

bool netstack_echoes_answer(struct netstack_echoes *echoes, uint16_t sequence)
{
	if (!echoes->awaited || sequence != echoes->sequence)
		return false;
	echoes->awaited = false;
	echoes->heard = true;
	echoes->lost = 0;
	return true;
}
