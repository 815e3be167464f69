# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Messages, locks and the end of a step. Sourced by lab/lab.

# The lab's own failures; a command's exit status is passed on as it is.
LAB_FAILED=125

say()
{
	printf 'lab: %s\n' "$*" >&2
}

die()
{
	say "$@"
	exit $LAB_FAILED
}

# private COMMAND...: run in private mount and PID namespaces that end with this shell, even if it
# is killed: no mount and no process stays behind. In the background and waited for, so that a
# signal to this shell is acted on at once.
private()
{
	local status=0

	setpriv --pdeathsig KILL -- unshare -m -p -f --kill-child --propagation private -- "$@" &
	child=$!
	wait $child || status=$?
	child=
	return $status
}

# On a signal: end what runs, then end by that signal, so that the caller sees it.
end_by()
{
	trap - EXIT INT TERM HUP
	if [ -n "${child:-}" ]; then
		kill -KILL "$child" 2>/dev/null
		wait "$child" 2>/dev/null
	fi
	say "stopped; 'lab/lab build' goes on from here"
	kill -s "$1" $$
}

end_on_signals()
{
	local signal

	for signal in INT TERM HUP; do
		# shellcheck disable=SC2064  # the name now, not later
		trap "end_by $signal" $signal
	done
}

# hash_of STRING...: one word that changes when any of them does
hash_of()
{
	printf '%s\0' "$@" | sha256sum | cut -c1-16
}

seconds_since()
{
	printf '%d.%d' $(((${EPOCHREALTIME//[!0-9]/} - $1) / 1000000)) \
		$(((${EPOCHREALTIME//[!0-9]/} - $1) / 100000 % 10))
}
