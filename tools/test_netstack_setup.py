#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
netstack-setup, on a root of its own with files that stand for FRR's package.
"""

import os
import shutil
import subprocess
import tempfile
import unittest

SETUP = os.path.abspath(
    os.path.join(os.environ.get("top_builddir", "."), "tools", "netstack-setup")
)


def value(name):
    """a path that was set when it was made"""
    with open(SETUP) as file:
        line = next(line for line in file if line.startswith(name + "='"))
    return line.split("'")[1]


SBIN, BIN, DAEMONS, MODULE = map(value, ("frrsbindir", "bindir", "daemons", "module"))
FILES = [BIN + "/vtysh", SBIN + "/frr-reload.py"]
# with no end of line, as an editor may leave it
ORIGINAL = 'zebra=yes\nvtysh_enable=yes\nzebra_options="-A 127.0.0.1"'
BEGIN, END = "\n# netstack: begin\n", "# netstack: end\n"
LINES = f"""DAEMONS="$DAEMONS netstackd"
netstackd=yes
netstackd_options="-A 127.0.0.1"
[ ! -e {MODULE} ] || zebra_options="$zebra_options -M netstack --v6-rr-semantics"
case " $zebra_options " in *" -w "*) mgmtd_options="$mgmtd_options -w" ;; esac
[ "${{MAX_FDS:-$(ulimit -n)}}" -ge 16384 ] || MAX_FDS=16384
"""


@unittest.skipUnless(shutil.which("dpkg-divert"), "no dpkg")
class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        os.makedirs(self.root + "/var/lib/dpkg/info")
        self.write("/var/lib/dpkg/status", "")
        for path in FILES:
            self.write(path, "FRR's")
        self.write(DAEMONS, ORIGINAL)
        os.chmod(self.root + DAEMONS, 0o640)

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, "w") as file:
            file.write(text)

    def read(self, path):
        with open(self.root + path) as file:
            return file.read()

    def setup(self, *args, status=0):
        result = subprocess.run(
            [SETUP, *args, "--root", self.root], capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result.stdout

    def files(self):
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)[len(self.root) :]
                if not path.startswith("/var/"):
                    found[path] = self.read(path)
        return found

    def install_ours(self):
        for path in FILES + [SBIN + "/netstackd", MODULE]:
            self.write(path, "ours")

    def test_enable_moves_their_files_aside_and_adds_the_lines(self):
        self.setup("enable")
        self.assertEqual(
            self.files(),
            {
                FILES[0] + ".frr": "FRR's",
                FILES[1] + ".frr": "FRR's",
                DAEMONS: ORIGINAL + BEGIN + LINES + END,
            },
        )
        self.assertEqual(os.stat(self.root + DAEMONS).st_mode & 0o777, 0o640)

    def test_a_second_time_changes_nothing(self):
        for verb in ("enable", "disable"):
            self.setup(verb)
            self.install_ours()
            self.setup("enable")
            once = self.files()
            self.setup("enable")
            self.assertEqual(self.files(), once)

    def test_options_that_were_changed_are_kept(self):
        self.setup("enable")
        self.write(DAEMONS, self.read(DAEMONS).replace("127.0.0.1", "127.0.0.2"))
        self.setup("enable")
        self.assertIn("-A 127.0.0.2", self.read(DAEMONS))

    def test_lines_that_an_older_one_did_not_know_are_added(self):
        of_old = "".join(LINES.splitlines(True)[:3]).replace("127.0.0.1", "::1")
        self.write(DAEMONS, ORIGINAL + BEGIN + of_old + END + "bgpd=yes\n")
        self.install_ours()
        self.setup("status", status=1)
        self.setup("enable")
        new = "".join(LINES.splitlines(True)[3:])
        self.assertEqual(self.read(DAEMONS), ORIGINAL + BEGIN + of_old + new + END + "bgpd=yes\n")
        self.setup("disable")
        self.assertEqual(self.read(DAEMONS), ORIGINAL + "\nbgpd=yes\n")

    def as_frr_reads_it(self, before, *variables):
        """what FRR's scripts, which source the file, take from it"""
        with open(self.root + DAEMONS) as file:
            text = file.read().replace(MODULE, self.root + MODULE)
        show = "; ".join(f'echo "${{{variable}}}"' for variable in variables)
        return subprocess.run(
            ["sh", "-euc", f"{before}; {text}\n{show}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()

    def test_zebra_loads_the_module_if_it_is_there(self):
        self.setup("enable")
        before = "DAEMONS='zebra bgpd'"
        self.assertEqual(self.as_frr_reads_it(before, "zebra_options"), ["-A 127.0.0.1"])
        self.install_ours()
        self.assertEqual(
            self.as_frr_reads_it(before, "zebra_options", "DAEMONS"),
            ["-A 127.0.0.1 -M netstack --v6-rr-semantics", "zebra bgpd netstackd"],
        )

    def test_mgmtd_learns_that_vrfs_are_namespaces(self):
        for options, expected in (
            ("-A 127.0.0.1", "-A x"),
            ("  -w -A 127.0.0.1", "-A x -w"),
            ("-A 127.0.0.1 -w", "-A x -w"),
            ("-A 127.0.0.1 -s 90 --with", "-A x"),
        ):
            self.write(DAEMONS, f'zebra_options="{options}"\n')
            self.setup("enable")
            found = self.as_frr_reads_it("DAEMONS=; mgmtd_options='-A x'", "mgmtd_options")
            self.assertEqual(found, [expected], options)

    def test_descriptors_are_enough_for_1000_stacks_and_no_limit_is_lowered(self):
        self.setup("enable")
        for before, limit in (
            ("ulimit -n 256", "16384"),
            ("ulimit -n 256; MAX_FDS=", "16384"),
            ("ulimit -n 256; MAX_FDS=1024", "16384"),
            ("ulimit -n 256; MAX_FDS=50000", "50000"),
            ("ulimit() { echo 20000; }", "unset"),
            ("ulimit() { echo 20000; }; MAX_FDS=1024", "16384"),
        ):
            found = self.as_frr_reads_it(f"DAEMONS=; {before}", "MAX_FDS-unset")
            self.assertEqual(found, [limit], before)

    def test_disable_undoes_it_all(self):
        before = self.files()
        self.setup("enable")
        self.setup("disable")
        self.assertEqual(self.files(), {**before, DAEMONS: ORIGINAL + "\n"})
        self.setup("disable")
        self.assertEqual(self.files(), {**before, DAEMONS: ORIGINAL + "\n"})

    def test_disable_keeps_ours_for_enable(self):
        self.setup("enable")
        self.install_ours()
        enabled = self.files()
        self.setup("disable")
        for path in FILES:
            self.assertEqual(self.read(path), "FRR's")
            self.assertEqual(self.read(path + ".netstack"), "ours")
        self.setup("enable")
        self.assertEqual(self.files(), enabled)

    def test_status_says_what_is_there(self):
        self.assertIn("FRR's own", self.setup("status", status=1))
        self.setup("enable")
        self.assertIn("netstack's is not there", self.setup("status", status=1))
        self.install_ours()
        self.assertIn("started and supervised", self.setup("status"))
        self.setup("disable")
        self.setup("status", status=1)

    def test_diversions_of_a_package_are_its_own(self):
        self.setup("enable", "--package", "netstack")
        owner = subprocess.run(
            ["dpkg-divert", "--root", self.root, "--listpackage", FILES[0]],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.assertEqual(owner, "netstack\n")
        self.setup("disable", "--package", "netstack")
        self.assertEqual(self.read(FILES[0]), "FRR's")

    def test_an_frr_that_is_not_there_is_said(self):
        os.remove(self.root + DAEMONS)
        self.setup("enable", status=1)


if __name__ == "__main__":
    unittest.main()
