dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl
dnl Finding FRR: what is installed, and the source that it was made of.

# NETSTACK_FRR_OPTION(VARIABLE, OPTION, DEFAULT): VARIABLE gets what the installed
# FRR was configured with, the last one given counting
AC_DEFUN([NETSTACK_FRR_OPTION], [
  $1=`printf '%s\n' "$frr_configured_with" | tr "'" '\n' | sed -n 's|^--$2=||p' | tail -n 1`
  AS_IF([test -n "$$1"], [], [$1=$3])
])

# NETSTACK_FRR_INSTALLED(VERSION)
AC_DEFUN([NETSTACK_FRR_INSTALLED], [
  AC_ARG_WITH([frr-sbindir],
    [AS_HELP_STRING([--with-frr-sbindir=DIR], [where the daemons of the installed FRR are (default: /usr/lib/frr)])],
    [], [with_frr_sbindir=/usr/lib/frr])
  AC_PATH_PROG([ZEBRA], [zebra], [], [$with_frr_sbindir:/usr/libexec/frr:/usr/sbin:$PATH])
  AS_IF([test -z "$ZEBRA"], [NETSTACK_MISSING([FRR itself (zebra)], [frr frr-pythontools])], [
    AC_MSG_CHECKING([the version of the installed FRR])
    FRR_VERSION=`"$ZEBRA" -v | sed -n 's/^zebra version //p'`
    AC_MSG_RESULT([$FRR_VERSION])
    AS_IF([test "$FRR_VERSION" != "$1"],
      [AC_MSG_ERROR([FRR $1 is needed and $ZEBRA is '$FRR_VERSION'. Nothing checks at run time that daemon and
library fit, so it has to be the very same version: apt-get install frr=$1-\*])])

    frr_configured_with=`"$ZEBRA" -v | sed -n '/configured with/{n;p;}'`
    NETSTACK_FRR_OPTION([FRR_SBINDIR], [sbindir], [`AS_DIRNAME(["$ZEBRA"])`])
    NETSTACK_FRR_OPTION([FRR_LIBDIR], [libdir], [/usr/lib])
    NETSTACK_FRR_OPTION([FRR_MODULEDIR_DEFAULT], [with-moduledir], [$FRR_LIBDIR/frr/modules])
    NETSTACK_FRR_OPTION([FRR_USER], [enable-user], [frr])
    NETSTACK_FRR_OPTION([FRR_GROUP], [enable-group], [frr])
    NETSTACK_FRR_OPTION([FRR_VTY_GROUP], [enable-vty-group], [])
    NETSTACK_FRR_OPTION([FRR_SYSCONFDIR], [sysconfdir], [/etc])

    AC_MSG_CHECKING([for libfrr.so.0])
    FRR_LIBFRR=$FRR_LIBDIR/libfrr.so.0
    AS_IF([test -e "$FRR_LIBFRR"], [], [
      FRR_LIBFRR=`ldd "$ZEBRA" 2>/dev/null | sed -n 's|.*=> *\(/.*/libfrr\.so\.0\) .*|\1|p'`
      FRR_LIBDIR=`AS_DIRNAME(["$FRR_LIBFRR"])`
    ])
    AS_IF([test -n "$FRR_LIBFRR" && test -e "$FRR_LIBFRR"], [AC_MSG_RESULT([$FRR_LIBFRR])],
      [AC_MSG_ERROR([$ZEBRA does not say where its libfrr.so.0 is; is the frr package whole? apt-get install --reinstall frr])])

    AC_CHECK_FILE([$FRR_SBINDIR/frr-reload.py], [],
      [NETSTACK_MISSING([frr-reload.py, which the tests run], [frr-pythontools])])
    FRR_PACKAGE_REVISION=`dpkg-query -W -f '${source:Version}' frr 2>/dev/null`
    AS_IF([test -n "$FRR_PACKAGE_REVISION"], [], [FRR_PACKAGE_REVISION=$FRR_VERSION])
  ])

  dnl Beside FRR's own files under /usr; below the prefix when it is another.
  frrsbindir=$FRR_SBINDIR
  frrmoduledir=$FRR_MODULEDIR_DEFAULT
  yangmodelsdir='${datadir}/yang'
  frrconfdir=$FRR_SYSCONFDIR/frr
  AS_IF([test "$prefix" != NONE && test "$prefix" != /usr],
    [frrsbindir='${prefix}/lib/frr'
     frrmoduledir='${prefix}/lib/frr/modules'
     frrconfdir='${sysconfdir}/frr'])
  AC_SUBST([FRR_VERSION])
  AC_SUBST([FRR_SBINDIR])
  AC_SUBST([FRR_LIBDIR])
  AC_SUBST([FRR_LIBFRR])
  AC_SUBST([FRR_USER])
  AC_SUBST([FRR_GROUP])
  AC_SUBST([FRR_VTY_GROUP])
  AC_SUBST([frrsbindir])
  AC_SUBST([frrmoduledir])
  AC_SUBST([frrconfdir])
  AC_SUBST([yangmodelsdir])
])

# NETSTACK_FRR_SOURCE(VERSION)
AC_DEFUN([NETSTACK_FRR_SOURCE], [
  AC_ARG_WITH([frr-source],
    [AS_HELP_STRING([--with-frr-source=DIR], [FRR's source, unpacked and patched (default: /usr/src/frr, then ../frr-$1*)])],
    [], [with_frr_source=])
  AC_MSG_CHECKING([for the source of FRR $1])
  FRR_SOURCE=
  for dir in ${with_frr_source:-/usr/src/frr "$srcdir"/../frr-$1*}; do
    AS_IF([test -f "$dir/lib/libfrr.h" && test -f "$dir/configure.ac"],
      [FRR_SOURCE=`cd "$dir" && pwd`; break])
  done
  AS_IF([test -z "$FRR_SOURCE"], [
    AC_MSG_RESULT([no])
    AS_IF([test -n "$with_frr_source"],
      [NETSTACK_MISSING([the source of FRR $1: there is none in $with_frr_source], [])],
      [NETSTACK_MISSING([the source of FRR $1, of the same revision as the package], [])])
    NETSTACK_HINT([apt-get source frr=$1    (needs a deb-src line and dpkg-dev), then --with-frr-source=DIR])
  ], [
    AC_MSG_RESULT([$FRR_SOURCE])
    dnl written with dots, so that m4 does not take it for the macro
    frr_source_version=`sed -n 's/^A._.NIT(.frr., *.\(.*\)., *.http.*/\1/p' "$FRR_SOURCE/configure.ac"`
    AS_IF([test "$frr_source_version" != "$1"],
      [AC_MSG_ERROR([$FRR_SOURCE is the source of FRR '$frr_source_version', and $1 is needed: apt-get source frr=$1-\*])])
    FRR_SOURCE_REVISION=`sed -n '1s/^frr (\(.*\)) .*/\1/p' "$FRR_SOURCE/debian/changelog" 2>/dev/null`
    AS_CASE(["$FRR_PACKAGE_REVISION"],
      ["$FRR_SOURCE_REVISION"|$1|""], [],
      [AC_MSG_WARN([the package is FRR $FRR_PACKAGE_REVISION and the source $FRR_SOURCE_REVISION; fetch the source of the package if structures changed])])
  ])
  AC_SUBST([FRR_SOURCE])
  AC_SUBST([FRR_SOURCE_REVISION])
])

# NETSTACK_FRR_MODULES: modules bring commands too, and the packaged vtysh knows
# those of every module, installed or not
AC_DEFUN([NETSTACK_FRR_MODULES], [
  AC_ARG_WITH([frr-modules],
    [AS_HELP_STRING([--with-frr-modules=DIR], [the modules of all FRR packages (default: as the installed FRR says)])],
    [FRR_MODULEDIR=$withval], [FRR_MODULEDIR=$FRR_MODULEDIR_DEFAULT])
  AS_IF([test -n "$ZEBRA"], [
    AS_IF([test -f "$FRR_MODULEDIR/bgpd_snmp.so"], [],
      [NETSTACK_MISSING([FRR's SNMP modules, whose commands vtysh has to know], [frr-snmp])])
    AS_IF([test -f "$FRR_MODULEDIR/bgpd_rpki.so"], [],
      [NETSTACK_MISSING([FRR's RPKI module, whose commands vtysh has to know], [frr-rpki-rtrlib])])
  ])
  AC_SUBST([FRR_MODULEDIR])
])
