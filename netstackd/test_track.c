// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a tracked next hop is up and when it is down.
 */

#include <zebra.h>

#include "netstackd/netstack_test.h"
#include "netstackd/netstack_track.h"

#define ALIVE	  NETSTACK_TRACK_ALIVE
#define LOST	  NETSTACK_TRACK_LOST
#define DEAD	  NETSTACK_TRACK_DEAD
#define HELD	  NETSTACK_TRACK_HELD
#define UNKNOWN	  NETSTACK_TRACK_UNKNOWN
#define UP	  NETSTACK_TRACK_UP
#define DOWN	  NETSTACK_TRACK_DOWN
#define RETURNING NETSTACK_TRACK_RETURNING

#define CHECK_NEXT(state, event, want) CHECK_INT(netstack_track_next(state, event), want)

TEST(what_is_not_known_is_used_until_its_detection_time_is_over)
{
	CHECK(netstack_track_is_usable(UNKNOWN));
	CHECK_NEXT(UNKNOWN, LOST, UNKNOWN);
	CHECK_NEXT(UNKNOWN, ALIVE, UP);
	CHECK_NEXT(UNKNOWN, DEAD, DOWN);
	CHECK(netstack_track_is_usable(UP) && !netstack_track_is_usable(DOWN));
}

TEST(what_is_up_stays_up_until_it_is_dead)
{
	CHECK_NEXT(UP, ALIVE, UP);
	CHECK_NEXT(UP, LOST, UP);
	CHECK_NEXT(UP, DEAD, DOWN);
}

TEST(what_was_down_returns_after_the_hold_down_without_a_gap)
{
	CHECK_NEXT(DOWN, LOST, DOWN);
	CHECK_NEXT(DOWN, DEAD, DOWN);
	CHECK_NEXT(DOWN, HELD, DOWN);
	CHECK_NEXT(DOWN, ALIVE, RETURNING);
	CHECK(!netstack_track_is_usable(RETURNING));
	CHECK_NEXT(RETURNING, ALIVE, RETURNING);
	CHECK_NEXT(RETURNING, LOST, DOWN);
	CHECK_NEXT(RETURNING, DEAD, DOWN);
	CHECK_NEXT(RETURNING, HELD, UP);
}

#define FIRST NETSTACK_ECHOES_FIRST_MSEC

TEST(so_many_echoes_in_a_row_are_lost_and_it_is_dead)
{
	struct netstack_echoes echoes = { .multiplier = 3 };
	enum netstack_track_event event;

	CHECK(!netstack_echoes_expire(&echoes, FIRST, &event));
	for (int i = 0; i < 2; i++) {
		netstack_echoes_send(&echoes);
		CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
		CHECK_INT(event, LOST);
	}
	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
	CHECK_INT(event, DEAD);
	CHECK_INT(echoes.lost, 3);
	/* it stays dead, and the number is one that can be read */
	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
	CHECK_INT(event, DEAD);
	CHECK_INT(echoes.lost, 3);
}

TEST(an_answer_ends_the_row)
{
	struct netstack_echoes echoes = { .multiplier = 2 };
	enum netstack_track_event event;

	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
	CHECK_INT(event, LOST);
	CHECK(netstack_echoes_answer(&echoes, netstack_echoes_send(&echoes)));
	CHECK(!netstack_echoes_expire(&echoes, FIRST, &event));
	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
	CHECK_INT(event, LOST);
}

TEST(one_that_has_never_answered_is_given_time)
{
	struct netstack_echoes echoes = { .multiplier = 1 };
	enum netstack_track_event event;

	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, FIRST - 1, &event));
	CHECK_INT(event, LOST);
	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
	CHECK_INT(event, DEAD);
}

TEST(one_that_has_answered_is_not)
{
	struct netstack_echoes echoes = { .multiplier = 1 };
	enum netstack_track_event event;

	CHECK(netstack_echoes_answer(&echoes, netstack_echoes_send(&echoes)));
	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, 1, &event));
	CHECK_INT(event, DEAD);
}

TEST(only_the_first_answer_to_the_last_echo_counts)
{
	struct netstack_echoes echoes = { .multiplier = 3, .sequence = UINT16_MAX - 1 };
	uint16_t first, second;
	enum netstack_track_event event;

	CHECK(!netstack_echoes_answer(&echoes, echoes.sequence));
	first = netstack_echoes_send(&echoes);
	CHECK_INT(first, UINT16_MAX);
	CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
	second = netstack_echoes_send(&echoes);
	CHECK_INT(second, 0);
	CHECK(!netstack_echoes_answer(&echoes, first));
	CHECK(netstack_echoes_answer(&echoes, second));
	CHECK(!netstack_echoes_answer(&echoes, second));
}

TEST(a_multiplier_of_one_is_dead_at_the_first_loss)
{
	struct netstack_echoes echoes = { .multiplier = 1 };
	enum netstack_track_event event;

	netstack_echoes_send(&echoes);
	CHECK(netstack_echoes_expire(&echoes, FIRST, &event));
	CHECK_INT(event, DEAD);
}
