# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# From nothing to a root with the product in it, in steps. Sourced by lab/lab.
#
# A step has a key: what it was made from. Its stamp holds the key of the last time that it
# succeeded; a step runs when the two differ. It makes its result under a temporary name and renames
# it, so that an interrupted step leaves nothing that looks finished.
#
#   build/root          Debian with FRR, FRR's source in /usr/src/frr, user-mode Linux
#   build/box           what starts commands in the lab's machines (lib/box.c)
#   build/obj           the product's build folder, kept for incremental builds
#   build/stage         make install DESTDIR=
#   build/layers/KEY    what the installed product changes in the root: an overlay's upper folder
#   build/qemu          Debian's kernel for QEMU, its initramfs, its modules: made when first needed
#   build/log           what each step said
#   build/stamps        the keys

# The kernel that this was developed with. Debian's testing moves on: another version is taken too,
# as apt has checked its signature, but is said.
UML_SHA256=f947c9244fd79d481299df2ad68961f6b3b7703bff38c4b0e726f861161da62c

# run_step NAME KEY RESULT WHAT FUNCTION: a step without which there is no going on
run_step()
{
	try_step "$@" || exit "$LAB_FAILED"
}

# try_step: the same, and false when it fails
try_step()
{
	local name=$1 key=$2 result=$3 what=$4 function=$5 start=${EPOCHREALTIME//[!0-9]/} log=$BUILD/log/$1.log

	is_built "$name" "$key" "$result" && return
	say "$name: $what"
	if ! $function > "$log" 2>&1; then
		tail -n 30 "$log" >&2
		say "$name failed after $(seconds_since "$start") s; all that it said: build/log/$name.log"
		return 1
	fi
	stamp "$name" "$key"
	say "$name: done in $(seconds_since "$start") s"
}

# stamp NAME KEY: renamed like a result, and no link to a stamp of another tree's
stamp()
{
	echo "$2" > "$BUILD/stamps/$1.tmp"
	mv "$BUILD/stamps/$1.tmp" "$BUILD/stamps/$1"
}

# in_root UPPER BIND COMMAND...: run in the Debian root, with the folder BIND at its own path. What
# COMMAND changes elsewhere in the root lands in the folder UPPER; with an empty UPPER it is lost.
in_root()
{
	# shellcheck disable=SC2016  # expanded by the inner shell
	private bash -c '
		set -e
		cd "$1"; upper=$2; bind=$3; shift 3
		mount -t tmpfs -o mode=755 tmpfs mnt
		mkdir mnt/upper mnt/work mnt/new
		work=mnt/work
		if [ "$upper" ]; then
			work=$upper.work
			mkdir -p "$work"
		fi
		mount -t overlay -o "lowerdir=root,upperdir=${upper:-mnt/upper},workdir=$work" overlay mnt/new
		cd mnt/new
		mount -t proc proc proc
		mount --rbind /dev dev
		mount -t tmpfs -o mode=1777 tmpfs tmp
		mount -t tmpfs -o mode=755 tmpfs run
		where=$bind
		if [ "$upper" ]; then # a mount point made for it would stay in there
			where=/mnt
		fi
		mkdir -p ".$where"
		mount --bind "$bind" ".$where"
		if [ -z "$upper" ]; then
			cat /etc/resolv.conf > etc/resolv.conf
		fi
		exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
			LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
	' - "$BUILD" "$@"
}

packages()
{
	sed 's/#.*//' "$TOP/lab/packages" | xargs | tr ' ' ,
}

make_root()
{
	rm -rf --one-file-system "$BUILD/root.tmp"
	private mmdebstrap --variant=minbase --include="$(packages)" trixie "$BUILD/root.tmp" || return
	: > "$BUILD/root.tmp/etc/resolv.conf"
	echo lab > "$BUILD/root.tmp/etc/hostname"
	printf '127.0.0.1 localhost lab\n::1 localhost lab\n' > "$BUILD/root.tmp/etc/hosts"
	if [ -e "$BUILD/root" ]; then
		flock -n 8 || say "root: waiting for the runs that use the old one"
		flock 8
		mv "$BUILD/root" "$BUILD/root.old" && rm -rf --one-file-system "$BUILD/root.old"
	fi
	rm -f "$BUILD"/stamps/*
	mv "$BUILD/root.tmp" "$BUILD/root"
}

# fetch_into FOLDER SCRIPT: run a script in the Debian root, in a folder that is FOLDER when it has
# succeeded. apt's lists come from the mirror that mmdebstrap chose, and are gone afterwards.
fetch_into()
{
	local folder=$BUILD/$1

	rm -rf "$folder.tmp"
	mkdir "$folder.tmp"
	# shellcheck disable=SC2016  # expanded by the inner shell
	in_root '' "$folder.tmp" bash -c '
		set -e
		cd "$1"
		echo "APT::Sandbox::User \"root\"; Acquire::Languages \"none\";" > /etc/apt/apt.conf.d/lab
	'"$2" - "$folder.tmp" || return
	rm -rf "$folder"
	mv "$folder.tmp" "$folder"
}

fetch_source()
{
	# shellcheck disable=SC2016  # expanded by the inner shell
	fetch_into cache '
		list=/etc/apt/sources.list
		sed -n "s/^deb /deb-src /p" $list > $list.d/source.list
		apt-get update
		apt-get source --download-only "frr=$(dpkg-query -Wf "\${source:Version}" frr)"
	'
}

# A user-mode Linux that is newer than Debian 13's, which panics on CPUs with AMX. The list of Debian's
# testing may be past its date on a mirror that is a snapshot; its signature is checked all the same.
fetch_uml()
{
	# shellcheck disable=SC2016  # expanded by the inner shell
	fetch_into cache-uml '
		list=/etc/apt/sources.list
		mirror=$(awk "\$1 == \"deb\" && \$3 == \"trixie\" { print \$2; exit }" $list)
		cat > $list.d/testing.sources <<-EOF
			Types: deb
			URIs: $mirror
			Suites: forky
			Components: main
			Check-Valid-Until: no
			Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp
		EOF
		printf "Package: *\nPin: release n=forky\nPin-Priority: 50\n" > /etc/apt/preferences.d/testing
		apt-get update
		apt-get download user-mode-linux/forky
	'
}

unpack_source()
{
	local tmp=$BUILD/source.tmp src=$BUILD/root/usr/src

	rm -rf "$tmp" "$tmp.work" "$src/frr"
	mkdir "$tmp"
	# shellcheck disable=SC2016  # expanded by the inner shell
	in_root "$tmp" "$BUILD/cache" bash -c '
		set -e
		mkdir -p /usr/src/frr
		cd /usr/src/frr
		tar xf /mnt/frr_*.orig.tar.* --strip-components=1 --no-same-owner
		tar xf /mnt/frr_*.debian.tar.* --no-same-owner
		sed "/^#/d; /^$/d" debian/patches/series | while read -r patch; do
			patch -p1 -i "debian/patches/$patch"
		done
	' || return
	mkdir -p "$src"
	mv "$tmp/usr/src/frr" "$src/frr"
	rm -rf "$tmp" "$tmp.work"
}

install_kernel()
{
	local deb release root=$BUILD/root

	deb=$(echo "$BUILD"/cache-uml/user-mode-linux_*.deb)
	echo "$UML_SHA256  $deb" | sha256sum --check --quiet ||
		say "user-mode Linux: ${deb##*/} is not the one that this was developed with"
	dpkg -x "$deb" "$root" || return
	release=$(basename "$root"/usr/lib/uml/modules/*)
	mkdir -p "$root/usr/lib/modules"
	ln -sfn "../uml/modules/$release" "$root/usr/lib/modules/$release"
	private chroot "$root" depmod "$release"
}

# Debian's own kernel and a busybox for its initramfs.
fetch_qemu()
{
	# shellcheck disable=SC2016  # expanded by the inner shell
	fetch_into cache-qemu '
		apt-get update
		kernel=$(apt-cache depends linux-image-amd64 | sed -n "s/.*Depends: //p")
		apt-get download "$kernel" busybox-static
	'
}

# The kernel, an initramfs with what it takes to see the host's folders, and all modules as a layer
# of the root.
make_qemu()
{
	rm -rf "$BUILD/qemu.tmp"
	mkdir "$BUILD/qemu.tmp"
	# shellcheck disable=SC2016  # expanded by the inner shell
	in_root '' "$BUILD" bash -c '
		set -e
		cd "$1/qemu.tmp"
		dpkg -x ../cache-qemu/linux-image-*.deb all
		dpkg -x ../cache-qemu/busybox-static_*.deb busybox
		mkdir -p layer/usr/lib initrd/{bin,dev,modules,new,proc}
		mv all/boot/vmlinuz-* vmlinuz
		mv all/usr/lib/modules layer/usr/lib
		release=$(ls layer/usr/lib/modules)
		depmod -b layer/usr "$release"

		cp busybox/usr/bin/busybox initrd/bin
		initrd/bin/busybox --install -s initrd/bin
		for link in initrd/bin/*; do
			[ ! -L "$link" ] || ln -sf busybox "$link"
		done
		printf "%s\n" "$2" > initrd/init
		chmod +x initrd/init
		modprobe -d layer/usr -S "$release" -a --show-depends virtio_pci virtio_console 9pnet_virtio 9p |
			while read -r how module _; do
				[ "$how" = insmod ] || continue # or it is in the kernel
				name=${module##*/} name=${name%.xz}
				[ ! -e "initrd/modules/$name" ] || continue
				case $module in
				*.xz) xz -dc "$module" > "initrd/modules/$name" ;;
				*) cp "$module" "initrd/modules/$name" ;;
				esac
				echo "$name" >> initrd/modules/order
			done
		grep -q "^9p.ko" initrd/modules/order
		(cd initrd && find . | bin/busybox cpio -o -H newc -R 0:0) > initrd.cpio
		rm -rf all busybox initrd
		mv initrd.cpio initrd
	' - "$BUILD" "$(<"$TOP/lab/lib/init-qemu")" || return
	if [ -e "$BUILD/qemu" ]; then
		flock -n 8 || say "qemu: waiting for the runs that use the old one"
		flock 8
		rm -rf --one-file-system "$BUILD/qemu"
	fi
	mv "$BUILD/qemu.tmp" "$BUILD/qemu"
}

compile_box()
{
	in_root '' "$TOP" gcc -O2 -Wall -Wextra -Werror -static -o "$BUILD/box.tmp" "$TOP/lab/lib/box.c" &&
		mv "$BUILD/box.tmp" "$BUILD/box"
}

# What the product is made from: names, times and sizes of all but what the build itself makes and
# what is not built.
fingerprint()
{
	(cd "$TOP" && find . \( -path ./build -o -path ./.git -o -path ./.ci -o -path ./lab \
		-o -path ./topotests -o -path './bench/*.py' -o -path ./bench/run -o -path ./doc/benchmarks \
		-o -path ./build-aux -o -name autom4te.cache -o -name __pycache__ -o -name .pytest_cache \) -prune -o -type f ! -name configure \
		! -name 'configure~' ! -name 'config.h.in*' ! -name Makefile.in ! -name aclocal.m4 \
		! -path './m4/l*.m4' ! -name '.*.sw?' ! -name '*.md' -printf '%P %T@ %s %m\n' |
		LC_ALL=C sort | sha256sum)
}

make_product()
{
	if [ "$(cat "$BUILD/obj/.lab-root" 2>/dev/null)" != "$root_key" ]; then
		rm -rf "$BUILD/obj"
		mkdir "$BUILD/obj"
		echo "$root_key" > "$BUILD/obj/.lab-root"
	fi
	in_root '' "$TOP" "$TOP/lab/lib/make-product" "$TOP"
}

# The installed product as a layer on the root. Runs of the lab may still use an older one: it goes
# when they have ended.
install_product()
{
	local layer=$BUILD/layers/$product_key old

	rm -rf "$layer" "$layer.tmp" "$layer.tmp.work"
	mkdir -p "$layer.tmp"
	in_root "layers/$product_key.tmp" "$BUILD/stage" bash -c "$(<"$TOP/lab/lib/install-product")" || return
	mv "$layer.tmp" "$layer"
	ln -sfn "$product_key" "$BUILD/layers/current.tmp"
	mv -T "$BUILD/layers/current.tmp" "$BUILD/layers/current"
	for old in "$BUILD"/layers/*; do
		if [ ! -L "$old" ] && [ "$old" != "$layer" ]; then
			flock -n "$old" rm -rf "$old" || true
		fi
	done
}

keys()
{
	root_key=$(hash_of "$(packages)" "$(declare -f make_root)")
	fetch_key=$(hash_of "$root_key" "$(declare -f fetch_into fetch_source)")
	source_key=$(hash_of "$fetch_key" "$(declare -f unpack_source)")
	uml_key=$(hash_of "$root_key" "$(declare -f fetch_into fetch_uml)")
	kernel_key=$(hash_of "$uml_key" "$(declare -f install_kernel)")
	box_key=$(hash_of "$root_key" "$(declare -f compile_box)" "$(<"$TOP/lab/lib/box.c")")
	product_key=none
	if [ -e "$TOP/configure.ac" ]; then
		product_key=$(hash_of "$source_key" "$(declare -f make_product install_product)" \
			"$(<"$TOP/lab/lib/make-product")" "$(<"$TOP/lab/lib/install-product")" "$(fingerprint)")
	fi
}

# is_built NAME KEY RESULT
is_built()
{
	[ -e "$BUILD/$3" ] && [ "$(cat "$BUILD/stamps/$1" 2>/dev/null)" = "$2" ]
}

have_uml()
{
	is_built kernel "$kernel_key" root/usr/bin/linux.uml
}

# The build did without it, and is not to try again.
without_uml()
{
	[ -z "$try_again" ] && is_built no-uml "$kernel_key" stamps/no-uml
}

all_built()
{
	is_built root "$root_key" root && is_built source "$source_key" root/usr/src/frr &&
		{ have_uml || without_uml; } && is_built box "$box_key" box &&
		{ [ "$product_key" = none ] || is_built install "$product_key" layers/current; }
}

need_host_tools()
{
	local tool missing=()

	[ "$(id -u)" = 0 ] || die "needs to be root: it makes namespaces and a Debian root"
	for tool in mmdebstrap unshare setpriv flock taskset mount sha256sum; do
		type "$tool" > /dev/null 2>&1 || missing+=("$tool")
	done
	[ ${#missing[@]} = 0 ] && return
	install_on_host "${missing[*]}" "mmdebstrap util-linux"
}

install_on_host()
{
	type apt-get > /dev/null 2>&1 || die "not on this host: $1 (Debian: apt-get install $2)"
	say "installing on the host: $2"
	# shellcheck disable=SC2086  # words
	{ apt-get update && apt-get install -y --no-install-recommends $2; } \
		> "$BUILD/log/host.log" 2>&1 || die "that failed: see build/log/host.log"
}

# What a machine in QEMU needs: only when there is to be one.
build_qemu()
{
	local fetch_key make_key

	fetch_key=$(hash_of "$root_key" "$(declare -f fetch_into fetch_qemu)")
	make_key=$(hash_of "$fetch_key" "$(declare -f make_qemu)" "$(<"$TOP/lab/lib/init-qemu")")
	type qemu-system-x86_64 > /dev/null 2>&1 && is_built qemu "$make_key" qemu && return
	end_on_signals
	flock -n 9 || say "another lab/lab is building: waiting for it"
	flock 9
	type qemu-system-x86_64 > /dev/null 2>&1 || install_on_host qemu-system-x86_64 qemu-system-x86
	run_step fetch-qemu "$fetch_key" cache-qemu "Debian's kernel" fetch_qemu
	run_step qemu "$make_key" qemu "a machine for QEMU" make_qemu
	flock -u 8 # taken where a root or a machine was replaced; what is started next shares it
	flock -u 9
	trap - INT TERM HUP
}

# There is one more kernel: no user-mode Linux is no reason to stop.
build_uml()
{
	rm -f "$BUILD/stamps/no-uml"
	try_step fetch-uml "$uml_key" cache-uml "user-mode Linux" fetch_uml &&
		try_step kernel "$kernel_key" root/usr/bin/linux.uml "unpacking user-mode Linux" install_kernel &&
		return
	say "no user-mode Linux: QEMU takes its place, several times slower. 'lab/lab build' tries again"
	stamp no-uml "$kernel_key"
}

# build [again]: build what has changed. 'again': also what the build before had to do without.
build()
{
	local try_again=${1:-}

	mkdir -p "$BUILD"/{log,stamps,layers,mnt}
	exec 8<> "$BUILD/use.lock" 9<> "$BUILD/build.lock"
	keys
	[ -z "${LAB_NO_BUILD:-}" ] || return 0
	all_built && return
	need_host_tools
	end_on_signals
	flock -n 9 || say "another lab/lab is building: waiting for it"
	flock 9
	run_step root "$root_key" root "Debian 13 with FRR and the tools, some 250 packages" make_root
	run_step fetch "$fetch_key" cache "FRR's source" fetch_source
	run_step source "$source_key" root/usr/src/frr "unpacking and patching FRR's source" unpack_source
	have_uml || without_uml || build_uml
	run_step box "$box_key" box "compiling what starts the machines" compile_box
	if [ "$product_key" != none ]; then
		run_step product "$product_key" stage "configure, make" make_product
		run_step install "$product_key" layers/current "installing into a layer of the root" install_product
	fi
	flock -u 8
	flock -u 9
	trap - INT TERM HUP
}
