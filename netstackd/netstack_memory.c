// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group that all of the daemon's memory types belong to (`show memory netstackd`).  A file of
 * its own, so that unit tests link it without the rest of the daemon.
 */

#include <zebra.h>

#include "netstackd/netstack.h"

DEFINE_MGROUP(NETSTACKD, "netstackd");
