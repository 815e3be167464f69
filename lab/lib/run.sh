# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A command in a machine of its own: which kernel, which CPU, which layers. Sourced by lab/lab.

backend=vrf
kernel=auto
memory=2G

# options ARGUMENT...: sets backend, kernel and memory, and leaves the rest in rest
options()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--backend | --kernel | --mem)
			[ $# -ge 2 ] || die "$1 needs a value"
			set_option "$1" "$2"
			shift
			;;
		--backend=* | --kernel=* | --mem=*) set_option "${1%%=*}" "${1#*=}" ;;
		--) shift; break ;;
		-*) die "no such option: $1" ;;
		*) break ;;
		esac
		shift
	done
	rest=("$@")
}

set_option()
{
	case $1=$2 in
	--backend=vrf | --backend=netns) backend=$2 ;;
	--kernel=auto | --kernel=host | --kernel=uml | --kernel=qemu) kernel=$2 ;;
	--mem=*[!0-9KMGkmg]* | --mem=) die "--mem wants a size, such as 2G: $2" ;;
	--mem=*) memory=$2 ;;
	*) die "$1 cannot be $2" ;;
	esac
}

# True when the host's kernel has the devices that the backend and its tests need.
host_kernel_has()
{
	[ "$1" = netns ] && return
	unshare -n chroot "$BUILD/root" /bin/sh -ec '
		ip link add lab0 type dummy
		ip link add lab1 type vrf table 10
		ip link add link lab0 name lab2 type vlan id 1
		ip link add lab3 type bridge vlan_filtering 1
	' > /dev/null 2>&1
}

# Sets kernel and why, and otherwise: the kernel to try when that one does not come up.
choose_kernel()
{
	otherwise=
	case $kernel in
	host)
		host_kernel_has "$backend" ||
			die "the host's kernel lacks what the backend '$backend' needs: VRF, dummy, VLAN, bridge"
		why="as asked"
		;;
	uml)
		have_uml || die "there is no user-mode Linux: it could not be fetched. 'lab/lab build' tries again"
		why="as asked"
		;;
	qemu) # LAB_OTHERWISE: started by a box whose machine did not come up
		why=${LAB_OTHERWISE:+"the others are not to be had"}
		why=${why:-as asked}
		;;
	auto)
		if host_kernel_has "$backend"; then
			kernel=host
			why="it has what the backend $backend needs"
		elif ! have_uml; then
			kernel=qemu
			why="the host's kernel has no VRF devices, and there is no user-mode Linux"
		else
			kernel=uml
			why="the host's kernel has no VRF devices"
			otherwise=qemu
		fi
		;;
	esac
}

# A CPU for this machine alone, if one is left: held by a lock on its folder in /sys, which ends with
# the machine. Otherwise one at random.
choose_cpu()
{
	local cpu cpus lock

	mapfile -t cpus < <(allowed_cpus)
	for cpu in "${cpus[@]}"; do
		exec {lock}< "/sys/devices/system/cpu/cpu$cpu" || continue
		if flock -n "$lock"; then
			LAB_CPU=$cpu
			return
		fi
		exec {lock}<&-
	done
	LAB_CPU=${cpus[RANDOM % ${#cpus[@]}]}
}

allowed_cpus()
{
	local ranges range

	IFS=, read -ra ranges < <(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)
	for range in "${ranges[@]}"; do
		seq "${range%-*}" "${range#*-}"
	done
}

# Hold the root and the product's layer for as long as the machine lives.
hold_layers()
{
	local layer=layers/none

	flock -s 9
	flock -s 8
	if [ -L "$BUILD/layers/current" ]; then
		layer=layers/$(readlink "$BUILD/layers/current")
	fi
	mkdir -p "$BUILD/$layer"
	exec 7< "$BUILD/$layer" 9<&-
	flock -s 7
	LAB_LAYERS=$layer:root
}

# in_machine COMMAND...: become the command, in a machine
in_machine()
{
	local name environment=()

	build < /dev/null
	choose_kernel
	[ "$kernel" != qemu ] || build_qemu < /dev/null
	hold_layers
	LAB_CPU='' LAB_BOOT_SECONDS=60
	case $kernel in
	host)
		[ -z "${LAB_ONE_CPU:-}" ] || choose_cpu
		say "kernel: the host's, $(uname -r)${LAB_CPU:+, CPU $LAB_CPU}: $why"
		;;
	uml)
		choose_cpu
		say "kernel: user-mode Linux $(basename "$BUILD"/root/usr/lib/uml/modules/*), CPU $LAB_CPU: $why"
		;;
	qemu)
		LAB_BOOT_SECONDS=180
		LAB_LAYERS=${LAB_LAYERS%:root}:qemu/layer:root
		say "kernel: Linux $(ls "$BUILD/qemu/layer/usr/lib/modules") in QEMU: $why"
		;;
	esac
	for name in TERM CI ${!LAB_*} ${!NETSTACK_*}; do
		[ -n "${!name+set}" ] && environment+=("$name=${!name}")
	done
	exec env -i "${environment[@]}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root USER=root LOGNAME=root SHELL=/bin/bash LANG=C.UTF-8 \
		LAB_TOP="$TOP" LAB_BACKEND="$backend" LAB_KERNEL="$kernel" LAB_MEM="$memory" \
		LAB_LAYERS="$LAB_LAYERS" LAB_CPU="$LAB_CPU" \
		LAB_BOOT_SECONDS="$LAB_BOOT_SECONDS" LAB_OTHERWISE="${otherwise:+$TOP/lab/lab}" \
		LAB_SIDE_FILE="$([ "$kernel" = uml ] && echo "$BUILD/mnt/lab/side")" \
		"$BUILD/box" host "$([ "$kernel" = host ] && echo native || echo boot)" \
		"$BUILD/log/console-$$.log" "$TOP/lab/lib/boot-$([ "$kernel" = host ] && echo native || echo "$kernel")" \
		-- "$@"
}

# A script of the lab as the command, with what is left of the options as its arguments.
run_script()
{
	local script=$1

	shift
	options "$@"
	[ -x "$TOP/$script" ] || die "there is no $script yet"
	in_machine "$script" "${rest[@]}"
}

lab_demo()
{
	run_script lab/demo "$@"
}

# The backend of a bench, if it is one bench: the first of those that it has.
first_backend()
{
	local name backend

	[ $# = 1 ] && name=$TOP/bench/bench_$1.py && [ -e "$name" ] || return
	backend=$(sed -n 's/^BACKENDS = ("\([a-z]*\)".*/\1/p' "$name")
	[ -z "$backend" ] || printf '%s\n' --backend "$backend"
}

# The lab's own options, wherever they stand; all others are bench/run's. The memory is for staticd and
# mgmtd with 100,000 routes, which take over 2 GB.
lab_bench()
{
	local ours=(--mem 5G) theirs=() names=() first

	while [ $# -gt 0 ]; do
		case $1 in
		--backend | --kernel | --mem)
			ours+=("$1" "${2-}")
			shift
			;;
		--backend=* | --kernel=* | --mem=*) ours+=("$1") ;;
		--runs | --stacks | --routes | --side | --out)
			theirs+=("$1" "${2-}")
			shift
			;;
		-*) theirs+=("$1") ;;
		*)
			theirs+=("$1")
			names+=("$1")
			;;
		esac
		[ $# = 0 ] || shift
	done
	mapfile -t first < <(first_backend "${names[@]}")
	LAB_COMMIT=$(git -C "$TOP" describe --always --dirty 2>/dev/null)
	LAB_PROCESSOR=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	run_script bench/run "${first[@]}" "${ours[@]}" -- "${theirs[@]}"
}

lab_shell()
{
	run_script lab/lib/shell "$@"
}

lab_run()
{
	options "$@"
	[ ${#rest[@]} -gt 0 ] || die "run: no command"
	in_machine "${rest[@]}"
}
