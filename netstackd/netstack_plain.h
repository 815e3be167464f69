// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commonest line of all, `route PREFIX ADDRESS` and nothing else: a file can have a hundred thousand of
 * them.  libfrr's matcher takes as long for it as half of all else that is done with the line, in
 * vtysh and in netstackd, so both read it by themselves.
 */

#ifndef NETSTACK_PLAIN_H
#define NETSTACK_PLAIN_H

#include "ipaddr.h"
#include "prefix.h"

/* Copies the word that begins here; returns what is behind it, or NULL: there is none, or it is too long. */
static inline const char *netstack_plain_word(const char *text, char *word, size_t len)
{
	size_t count = strcspn(text, " \t\r\n");

	if (!count || count >= len)
		return NULL;
	memcpy(word, text, count);
	word[count] = '\0';
	return text + count;
}

/* With a length, and with no more digits in it than are needed. */
static inline bool netstack_plain_prefix(const char *text, struct prefix *prefix)
{
	const char *slash = strchr(text, '/');
	size_t digits = slash ? strspn(slash + 1, "0123456789") : 0;

	if (!digits || digits > 3 || slash[1 + digits] ||
	    atoi(slash + 1) > (strchr(text, ':') ? IPV6_MAX_BITLEN : IPV4_MAX_BITLEN))
		return false;
	return str2prefix(text, prefix);
}

/*
 * Reads such a line, with its words in full and one space between them.  False: it is another one, or
 * something is wrong with it, which the command is to say.
 */
static inline bool netstack_plain_route(const char *line, struct prefix *prefix,
					struct ipaddr *gate)
{
	char word[INET6_ADDRSTRLEN + 4];

	line += strspn(line, " \t");
	if (strncmp(line, "route ", strlen("route ")))
		return false;
	line = netstack_plain_word(line + strlen("route "), word, sizeof(word));
	if (!line || *line++ != ' ' || !netstack_plain_prefix(word, prefix))
		return false;
	line = netstack_plain_word(line, word, sizeof(word));
	return line && !line[strspn(line, " \t\r\n")] && str2ipaddr(word, gate) == 0;
}

#endif /* NETSTACK_PLAIN_H */
