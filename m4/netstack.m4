dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl
dnl Everything that is missing is collected and told at once, with the command
dnl that gets it, instead of one thing a run.

AC_DEFUN([NETSTACK_MISSING_INIT], [
  netstack_missing=
  netstack_packages=
  netstack_hints=
])

# NETSTACK_MISSING(WHAT, DEBIAN PACKAGES)
AC_DEFUN([NETSTACK_MISSING], [
  netstack_missing="$netstack_missing
  - $1"
  netstack_packages="$netstack_packages $2"
])

# NETSTACK_HINT(TEXT): a remedy that is no package
AC_DEFUN([NETSTACK_HINT], [
  netstack_hints="$netstack_hints
  $1"
])

AC_DEFUN([NETSTACK_MISSING_REPORT], [
  AS_IF([test -n "$netstack_missing"], [
    AC_MSG_NOTICE([])
    AC_MSG_NOTICE([Missing:$netstack_missing])
    AS_IF([test -n "$netstack_packages"],
      [AC_MSG_NOTICE([To get it:  apt-get install$netstack_packages])])
    AS_IF([test -n "$netstack_hints"], [AC_MSG_NOTICE([And:$netstack_hints])])
    AC_MSG_ERROR([netstack cannot be built here yet, see above])
  ])
])

# NETSTACK_TOOL(VARIABLE, PROGRAM, DEBIAN PACKAGES)
AC_DEFUN([NETSTACK_TOOL], [
  AC_PATH_PROG([$1], [$2])
  AS_IF([test -z "$$1"], [NETSTACK_MISSING([the program $2], [$3])])
])

# NETSTACK_LIBRARY(PREFIX, PKG-CONFIG MODULE, DEBIAN PACKAGE)
AC_DEFUN([NETSTACK_LIBRARY], [
  PKG_CHECK_MODULES([$1], [$2], [], [NETSTACK_MISSING([the library $2], [$3])])
])

# NETSTACK_HEADER(HEADER, DEBIAN PACKAGE, [OTHER NAME]): needed by FRR's source
AC_DEFUN([NETSTACK_HEADER], [
  AC_CHECK_HEADERS([$1 $3], [break], [], [[#include <stdio.h>
#include <stddef.h>]])
  AS_IF([test "$AS_TR_SH([ac_cv_header_$1])" = yes m4_ifval([$3],
         [|| test "$AS_TR_SH([ac_cv_header_$3])" = yes])], [],
    [NETSTACK_MISSING([the header $1], [$2])])
])

# NETSTACK_CFLAGS: warnings and hardening, each only where the compiler has it
AC_DEFUN([NETSTACK_CFLAGS], [
  WARN_CFLAGS=
  HARDEN_CFLAGS=
  HARDEN_LDFLAGS=
  NETSTACK_TRY_CFLAG([WARN_CFLAGS], [-Wall -Wextra -Wformat -Wmissing-prototypes])
  NETSTACK_TRY_CFLAG([WARN_CFLAGS], [-Wmissing-declarations -Wpointer-arith -Wshadow=local])
  NETSTACK_TRY_CFLAG([WARN_CFLAGS], [-Wbad-function-cast -Wwrite-strings -Wundef])
  NETSTACK_TRY_CFLAG([WARN_CFLAGS], [-Wstrict-prototypes -Wimplicit-fallthrough])
  dnl FRR's callbacks have arguments that not every function needs, and its
  dnl structs are filled by name.
  NETSTACK_TRY_CFLAG([WARN_CFLAGS], [-Wno-unused-parameter -Wno-missing-field-initializers])
  dnl GCC takes any -Wno-…, and speaks of it when something else is wrong.
  AS_CASE([$ac_cv_prog_CC], [*clang*], [WARN_CFLAGS="$WARN_CFLAGS -Wno-microsoft-anon-tag"])

  NETSTACK_TRY_CFLAG([HARDEN_CFLAGS], [-fstack-protector-strong])
  NETSTACK_TRY_CFLAG([HARDEN_CFLAGS], [-fstack-clash-protection])
  NETSTACK_TRY_CFLAG([HARDEN_CFLAGS], [-fcf-protection])
  NETSTACK_TRY_CFLAG([HARDEN_CFLAGS], [-Wformat -Werror=format-security])
  NETSTACK_TRY_CFLAG([HARDEN_CFLAGS], [-fPIE])
  AS_CASE([" $CFLAGS $CPPFLAGS "],
    [*" -O0 "*|*_FORTIFY_SOURCE*], [],
    [HARDEN_CFLAGS="$HARDEN_CFLAGS -D_FORTIFY_SOURCE=2"])
  HARDEN_LDFLAGS="-pie -Wl,-z,relro -Wl,-z,now"
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [a warning of the compiler ends the build])])
  AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
  AC_SUBST([HARDEN_CFLAGS])
  AC_SUBST([HARDEN_LDFLAGS])
])

# NETSTACK_TRY_CFLAG(VARIABLE, FLAGS)
AC_DEFUN([NETSTACK_TRY_CFLAG], [
  netstack_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_MSG_CHECKING([whether $CC has $2])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); $1="$$1 $2"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$netstack_save_CFLAGS
])
