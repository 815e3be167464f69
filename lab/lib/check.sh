# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# All tests: make check, and each topotest file, each in a machine of its own, as many at once as
# there are CPUs. Sourced by lab/lab.

# A file of tests that takes longer hangs; in QEMU all takes several times longer.
TEST_MINUTES=15

passed=0 failed=0 skipped=0

# The tests whose name has PATTERN in it, those that took longest first: the unit tests, and the
# files of topotests. The times are those of the last run.
list_tests()
{
	local test

	# shellcheck disable=SC2154  # product_key: keys(), in build.sh
	for test in unit "$TOP"/topotests/netstack_*/test_*.py; do
		[ "$test" = unit ] && [ "$product_key" = none ] && continue
		[ "$test" = unit ] || test=$(test_name "$test")
		[[ $test == *"$1"* ]] || continue
		echo "$(cat "$LOGS/$test.seconds" 2>/dev/null || echo 9999) $test"
	done | sort -k 1,1nr -k 2 | cut -d ' ' -f 2
}

# A folder with one file of tests goes by the folder's name.
test_name()
{
	local folder=${1%/*} file=${1##*/}

	file=${file#test_} folder=${folder##*/}
	file=${file%.py}
	[ "$file" = "$folder" ] && echo "$folder" || echo "$folder.$file"
}

# start_test NAME: in the background, with its output in $LOGS/NAME.log; sets the process's number in $!
start_test()
{
	local name=$1 folder=${1%%.*} file

	rm -rf "${LOGS:?}/$name.d"
	if [ "$name" = unit ]; then
		LAB_NO_BUILD=1 setpriv --pdeathsig TERM -- "$TOP/lab/lab" unit "${run_options[@]}" \
			> "$LOGS/$name.log" 2>&1 < /dev/null &
		return
	fi
	file=$folder/test_${name#*.}.py
	# shellcheck disable=SC2016  # expanded by the inner shell
	LAB_NO_BUILD=1 setpriv --pdeathsig TERM -- "$TOP/lab/lab" run "${run_options[@]}" -- bash -c '
		minutes=$1
		[ "$LAB_KERNEL" != qemu ] || minutes=$((minutes * 5))
		timeout -k 10 "${minutes}m" lab/topotest -v --log-cli-level=CRITICAL \
			--show-capture=stdout "$2"
		status=$?
		[ $status = 0 ] || cp -r /tmp/topotests "$3"
		exit $status
	' - $TEST_MINUTES "$file" "build/log/check/$name.d" > "$LOGS/$name.log" 2>&1 < /dev/null &
}

# count WORD FILE: how many WORD in pytest's last line
count()
{
	local number

	number=$(tail -n 1 "$2" | grep -oE "[0-9]+ $1")
	echo "${number%% *}" | awk '{ print $1 + 0 }'
}

# end_test NAME STATUS SECONDS: count what it said, show it
end_test()
{
	local name=$1 status=$2 log=$LOGS/$1.log ok bad skip result=ok

	echo "$3" > "$LOGS/$name.seconds"
	if [ "$name" = unit ]; then
		ok=$(awk '/^# (PASS|XFAIL):/ { n += $3 } END { print n + 0 }' "$log")
		bad=$(awk '/^# (FAIL|XPASS|ERROR):/ { n += $3 } END { print n + 0 }' "$log")
		skip=$(awk '/^# SKIP:/ { n += $3 } END { print n + 0 }' "$log")
	else
		ok=$(count passed "$log") skip=$(count skipped "$log")
		bad=$(($(count failed "$log") + $(count errors? "$log")))
	fi
	# it died, it hangs, or it has no tests
	if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ $((ok + skip)) = 0 ]; }; then
		bad=1
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	if [ "$bad" != 0 ]; then
		result=FAIL
		show_failure "$name"
	fi
	printf '%-4s  %-28s %3d passed, %d failed%s, %d s\n' $result "$name" "$ok" "$bad" \
		"$([ "$skip" = 0 ] || echo ", $skip skipped")" "$3"
}

show_failure()
{
	echo "---- $1: the end of what it said ----"
	if [ "$1" = unit ]; then
		tail -n 60 "$LOGS/$1.log"
	else
		# pytest's report, if it came to that
		sed -n '/^=* \(FAILURES\|ERRORS\) =*$/,$p' "$LOGS/$1.log" | tail -n 120 | grep . ||
			tail -n 30 "$LOGS/$1.log"
	fi
	echo "---- all of it: build/log/check/$1.log, and the routers' logs: build/log/check/$1.d ----"
}

# On a signal: the tests that run end before this does.
end_tests_by()
{
	trap - EXIT INT TERM HUP
	kill -TERM "${!running[@]}" 2>/dev/null
	wait
	kill -s "$1" $$
}

lab_check()
{
	local pid name signal status tests=()
	local -A running=() since=()

	options "$@"
	[ ${#rest[@]} -le 1 ] || die "check: one pattern at most"
	run_options=(--backend "$backend" --kernel "$kernel" --mem "$memory")
	build < /dev/null
	LOGS=$BUILD/log/check
	mkdir -p "$LOGS"
	mapfile -t tests < <(list_tests "${rest[0]-}")
	[ ${#tests[@]} -gt 0 ] || die "check: no test has '${rest[0]-}' in its name"
	for signal in INT TERM HUP; do
		# shellcheck disable=SC2064  # the name now, not later
		trap "end_tests_by $signal" $signal
	done
	while [ ${#tests[@]} -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
		while [ ${#tests[@]} -gt 0 ] && [ ${#running[@]} -lt "$(nproc)" ]; do
			start_test "${tests[0]}"
			running[$!]=${tests[0]} since[$!]=$SECONDS
			tests=("${tests[@]:1}")
		done
		status=0
		wait -n -p pid "${!running[@]}" || status=$?
		name=${running[$pid]}
		unset "running[$pid]"
		end_test "$name" $status $((SECONDS - since[$pid]))
	done
	trap - INT TERM HUP
	printf '%d passed, %d failed%s\n' $passed $failed "$([ $skipped = 0 ] || echo ", $skipped skipped")"
	[ $failed = 0 ] && [ $passed -gt 0 ]
}

# lab/lab unit: make check. The programs are compiled in the Debian root, which is faster; they run in
# a machine, because some of them test against the kernel.
lab_unit()
{
	options "$@"
	[ ${#rest[@]} = 0 ] || die "unit: it has no arguments"
	build < /dev/null
	[ "$product_key" != none ] || die "unit: there is nothing to test yet"
	end_on_signals
	flock 9
	in_root '' "$TOP" make -C "$BUILD/obj" check TESTS= VERBOSE=1 < /dev/null || exit
	flock -u 9
	trap - INT TERM HUP
	LAB_NO_BUILD=1 in_machine make -C "$BUILD/obj" check VERBOSE=1 < /dev/null
}
