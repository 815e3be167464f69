// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages to zebra, sent many at a time.
 *
 * A message that comes while another waits in the client's buffer waits behind it, and has the client's
 * event zclient->t_write scheduled (zclient_send_message()).  So one is put there that zebra has nothing to
 * do for: zread_interface_delete() is empty.
 */

#include <zebra.h>

#include "buffer.h"
#include "frrevent.h"
#include "stream.h"
#include "zclient.h"

#include "netstackd/netstack_zebra_send.h"

void netstack_zebra_hold(struct zclient *client)
{
	if (!client || client->sock < 0 || client->t_write)
		return;
	stream_reset(client->obuf);
	zclient_create_header(client->obuf, ZEBRA_INTERFACE_DELETE, VRF_DEFAULT);
	buffer_put(client->wb, STREAM_DATA(client->obuf), stream_get_endp(client->obuf));
}

void netstack_zebra_release(struct zclient *client)
{
	if (!client || client->sock < 0)
		return;
	/* nothing came: nobody needs the one that was put there */
	if (!client->t_write)
		buffer_reset(client->wb);
	/* what is left, or an error, is the event's */
	else if (buffer_flush_available(client->wb, client->sock) == BUFFER_EMPTY)
		EVENT_OFF(client->t_write);
}
