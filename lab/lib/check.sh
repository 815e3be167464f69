# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# All tests: make check, and each topotest file on each backend, each in a machine of its own, three
# at once for two CPUs, as most of the time they wait: the backends side by side, on kernels of their
# own. Sourced by lab/lab.

# Where a file of topotests runs that does not say so. One that does has a line such as
#     BACKENDS = ["vrf"]
# 'check --backend X' runs what X can run.
DEFAULT_BACKENDS="vrf netns"

# A file of tests that takes longer hangs; in QEMU all takes several times longer.
TEST_MINUTES=15

passed=0 failed=0 skipped=0

# The tests whose name has PATTERN in it, those that took longest first: the unit tests, and the
# files of topotests, as NAME[BACKEND]. The times are those of the last run; without one, the unit
# tests come first, as no file takes longer in user-mode Linux.
list_tests()
{
	local file test unknown

	# shellcheck disable=SC2154  # product_key: keys(), in build.sh
	for file in unit "$TOP"/topotests/netstack_*/test_*.py; do
		[ "$file" = unit ] && [ "$product_key" = none ] && continue
		[ "$file" = unit ] && unknown=99999 || unknown=9999
		for test in $(backends_of "$file"); do
			test="$(test_name "$file")[$test]"
			[[ $test == *"$1"* ]] || continue
			echo "$(cat "$LOGS/$test.seconds" 2>/dev/null || echo $unknown) $test"
		done
	done | sort -k 1,1nr -k 2 | cut -d ' ' -f 2
}

# The backends that a file of topotests, or the unit tests, are to run on.
backends_of()
{
	local backend said=

	[ "$1" = unit ] || said=$(sed -n 's/^BACKENDS = \[\(.*\)\]$/\1/p' "$1" | tr -d '",')
	for backend in ${said:-${only_backend:-$DEFAULT_BACKENDS}}; do
		[ "$backend" != "${only_backend:-$backend}" ] || echo "$backend"
	done
}

# backend_of NAME[BACKEND]
backend_of()
{
	local backend=${1##*[}

	echo "${backend%]}"
}

# A folder with one file of tests goes by the folder's name; the unit tests are no file.
test_name()
{
	local folder=${1%/*} file=${1##*/}

	file=${file#test_} folder=${folder##*/}
	file=${file%.py}
	[ "$file" = "$folder" ] && echo "$folder" || echo "$folder.$file"
}

# start_test TEST: in the background, with its output in $LOGS/TEST.log; sets the process's number in $!
start_test()
{
	local test=$1 name=${1%%[*} folder file
	local options=(--backend "$(backend_of "$test")" "${run_options[@]}")

	rm -rf "${LOGS:?}/$test.d"
	if [ "$name" = unit ]; then
		LAB_NO_BUILD=1 LAB_ONE_CPU=1 setpriv --pdeathsig TERM -- "$TOP/lab/lab" unit "${options[@]}" \
			> "$LOGS/$test.log" 2>&1 < /dev/null &
		return
	fi
	folder=${name%%.*} file=$folder/test_${name#*.}.py
	# shellcheck disable=SC2016  # expanded by the inner shell
	LAB_NO_BUILD=1 LAB_ONE_CPU=1 setpriv --pdeathsig TERM -- "$TOP/lab/lab" run "${options[@]}" -- bash -c '
		minutes=$1
		[ "$LAB_KERNEL" != qemu ] || minutes=$((minutes * 5))
		timeout -k 10 "${minutes}m" lab/topotest -v --log-cli-level=CRITICAL \
			--show-capture=stdout "$2"
		status=$?
		[ $status = 0 ] || cp -r /tmp/topotests "$3"
		exit $status
	' - $TEST_MINUTES "$file" "build/log/check/$test.d" > "$LOGS/$test.log" 2>&1 < /dev/null &
}

# count WORD FILE: how many WORD in pytest's last line
count()
{
	local number

	number=$(tail -n 1 "$2" | grep -oE "[0-9]+ $1")
	echo "${number%% *}" | awk '{ print $1 + 0 }'
}

# end_test TEST STATUS SECONDS: count what it said, show it
end_test()
{
	local test=$1 status=$2 log=$LOGS/$1.log ok bad skip result=ok

	echo "$3" > "$LOGS/$test.seconds"
	if [ "${test%%[*}" = unit ]; then
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
		show_failure "$test"
	fi
	printf '%-4s  %-32s %3d passed, %d failed%s, %d s\n' $result "$test" "$ok" "$bad" \
		"$([ "$skip" = 0 ] || echo ", $skip skipped")" "$3"
}

show_failure()
{
	echo "---- $1: the end of what it said ----"
	if [ "${1%%[*}" = unit ]; then
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

# Sets next to the place of the test to start: the first of the backend of which the fewest run.
choose_test()
{
	local -A load=([vrf]=0 [netns]=0)
	local n

	for n in "${running[@]}"; do
		n=$(backend_of "$n")
		load[$n]=$((load[$n] + 1))
	done
	next=0
	for n in "${!tests[@]}"; do
		if [ "${load[$(backend_of "${tests[n]}")]}" -lt "${load[$(backend_of "${tests[next]}")]}" ]; then
			next=$n
		fi
	done
}

lab_check()
{
	local pid test next signal status tests=() only_backend at_once=$((($(nproc) * 3 + 1) / 2))
	local -A running=() since=()

	backend=
	options "$@"
	only_backend=$backend
	[ ${#rest[@]} -le 1 ] || die "check: one pattern at most"
	run_options=(--kernel "$kernel" --mem "$memory")
	build < /dev/null
	LOGS=$BUILD/log/check
	mkdir -p "$LOGS"
	mapfile -t tests < <(list_tests "${rest[0]-}")
	[ ${#tests[@]} -gt 0 ] ||
		die "check: no test${only_backend:+ of the backend $only_backend} has '${rest[0]-}' in its name"
	for signal in INT TERM HUP; do
		# shellcheck disable=SC2064  # the name now, not later
		trap "end_tests_by $signal" $signal
	done
	while [ ${#tests[@]} -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
		while [ ${#tests[@]} -gt 0 ] && [ ${#running[@]} -lt $at_once ]; do
			choose_test
			start_test "${tests[next]}"
			running[$!]=${tests[next]} since[$!]=$SECONDS
			unset "tests[next]"
			tests=("${tests[@]}")
		done
		status=0
		wait -n -p pid "${!running[@]}" || status=$?
		test=${running[$pid]}
		unset "running[$pid]"
		end_test "$test" $status $((SECONDS - since[$pid]))
	done
	trap - INT TERM HUP
	printf '%d passed, %d failed%s\n' $passed $failed "$([ $skipped = 0 ] || echo ", $skipped skipped")"
	[ $failed = 0 ] && [ $passed -gt 0 ]
}

# lab/lab unit: make check. The programs are compiled in the Debian root, which is faster; they run in
# a machine, because some of them test against the kernel. One run at a time: the logs of both backends'
# are the same files.
lab_unit()
{
	options "$@"
	[ ${#rest[@]} = 0 ] || die "unit: it has no arguments"
	build < /dev/null
	[ "$product_key" != none ] || die "unit: there is nothing to test yet"
	exec 6<> "$BUILD/unit.lock"
	flock 6
	end_on_signals
	flock 9
	in_root '' "$TOP" make -C "$BUILD/obj" check TESTS= VERBOSE=1 < /dev/null || exit
	flock -u 9
	trap - INT TERM HUP
	LAB_NO_BUILD=1 in_machine make -C "$BUILD/obj" check VERBOSE=1 < /dev/null
}
