# SPDX-License-Identifier: BSD-2-Clause
"""What the integration tests share: the binaries under test, two network namespaces
joined by a veth, SIP written by hand, and the daemon as a context manager.

The tests are plain programs: a failed expectation is one line on stderr and counted,
finish() exits with 1 when there was any. 77 means skipped, with the reason on stderr.
"""
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
CLI = os.environ.get("TRUNKWATCH", os.path.join(SOURCE, "build/cli/trunkwatch"))
DAEMON = os.environ.get("TRUNKWATCHD", os.path.join(SOURCE, "build/daemon/trunkwatchd"))
GOLDEN = os.path.join(SOURCE, "tests/golden")
USER = "nobody"
AS_USER = ["-u", USER] if os.geteuid() == 0 else []

# Sanitizer builds are several times slower; what is promised is promised of a release build.
SLOW = 4 if os.environ.get("TRUNKWATCH_SANITIZED") else 1

failed = 0
checked = 0


def skip(reason):
    print("skipped: " + reason, file=sys.stderr)
    sys.exit(77)


def check(condition, text):
    global failed, checked
    checked += 1
    if not condition:
        failed += 1
        print("FAILED: " + text, file=sys.stderr)
    return bool(condition)


def finish():
    print("%d checks, %d failed" % (checked, failed))
    sys.exit(1 if failed else 0)


def need_root(*programs):
    if os.geteuid() != 0:
        skip("needs root (network namespaces, capturing)")
    for program in programs:
        if shutil.which(program) is None:
            skip("no " + program)


@contextlib.contextmanager
def workdir():
    """A folder that the daemon can write to after it gave up root."""
    path = tempfile.mkdtemp(prefix="trunkwatch-test-")
    os.chmod(path, 0o755)
    if os.geteuid() == 0:
        shutil.chown(path, USER)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def generate(path, *options):
    """A capture of known content; the generator's truth."""
    done = subprocess.run(["/usr/bin/env", "python3", os.path.join(SOURCE, "tests/support/gen_sip_pcap.py"),
                           "--out", path, *options], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def failures(db):
    """The failures in a database, as the CLI tells them."""
    done = subprocess.run([CLI, "failures", "-d", db, "--json"], capture_output=True, timeout=60)
    check(done.returncode == 0, "failures --json: exit %d %s" % (done.returncode, done.stderr.decode(errors="replace")))
    return json.loads(done.stdout or "[]")


def count_rows(db):
    """How many failures are committed, read the way an admin's sqlite3 does; None: no table yet."""
    try:
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % db, uri=True, timeout=1)) as c:
            return c.execute("SELECT count(*) FROM failures").fetchone()[0]
    except sqlite3.Error:
        return None


def integrity(db):
    with contextlib.closing(sqlite3.connect(db)) as c:
        return c.execute("PRAGMA integrity_check").fetchone()[0]


def wait_for(condition, seconds, step=0.02):
    """The seconds it took until condition() was true, or None."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(step)
    return None


class Net:
    """Two namespaces with a veth: ours (203.0.113.45), and the provider's."""

    OURS, PROVIDER, SILENT = "203.0.113.45", "198.51.100.20", "198.51.100.21"
    OURS6, PROVIDER6 = "2001:db8:1::45", "2001:db8:2::20"

    def __init__(self):
        tag = "tw%d" % os.getpid()
        self.ours, self.theirs = tag + "a", tag + "b"

    def __enter__(self):
        try:
            self.make()
        except subprocess.CalledProcessError as e:
            self.__exit__()
            skip("network namespaces cannot be made here: %s" % e.stderr.decode(errors="replace").strip())
        return self

    def make(self):
        for ns in (self.ours, self.theirs):
            self.ip("netns", "add", ns)
            self.ip("-n", ns, "link", "set", "lo", "up")
        self.ip("-n", self.ours, "link", "add", "trunk0", "type", "veth", "peer", "name", "trunk1", "netns", self.theirs)
        for ns, dev, addresses, peer4, peer6 in (
                (self.ours, "trunk0", (self.OURS + "/32", self.OURS6 + "/128"), "198.51.100.0/24", "2001:db8:2::/64"),
                (self.theirs, "trunk1", (self.PROVIDER + "/32", self.SILENT + "/32", self.PROVIDER6 + "/128"),
                 "203.0.113.0/24", "2001:db8:1::/64")):
            for address in addresses:
                self.ip("-n", ns, "address", "add", address, "dev", dev, *(["nodad"] if ":" in address else []))
            self.ip("-n", ns, "link", "set", dev, "up")
            self.ip("-n", ns, "route", "add", peer4, "dev", dev)
            self.ip("-6", "-n", ns, "route", "add", peer6, "dev", dev)

    def __exit__(self, *_):
        for ns in (self.ours, self.theirs):
            subprocess.run(["ip", "netns", "del", ns], stderr=subprocess.DEVNULL, check=False)

    @staticmethod
    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def socket(self, ns, *kind):
        """A socket of that namespace: a socket stays where it was made."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as home, open("/run/netns/" + ns) as there:
            if libc.setns(there.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return socket.socket(*kind)
            finally:
                libc.setns(home.fileno(), 0)

    def udp(self, ns, address, port=5060):
        s = self.socket(ns, socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(5)
        s.bind((address, port))
        return s

    def popen(self, ns, *command, **options):
        return subprocess.Popen(["ip", "netns", "exec", ns, *command], **options)


class Daemon:
    """trunkwatchd in a namespace, capturing when entered."""

    def __init__(self, net, db, *options):
        self.net, self.db, self.options = net, db, options
        self.err = db + ".stderr"

    def __enter__(self):
        with open(self.err, "wb") as err:
            self.process = self.net.popen(self.net.ours, DAEMON, "-u", USER, "-d", self.db, *self.options,
                                          stdout=subprocess.DEVNULL, stderr=err)
        if wait_for(lambda: count_rows(self.db) is not None or self.process.poll() is not None, 20) is None \
                or self.process.poll() is not None:
            check(False, "trunkwatchd %s did not start: %s" % (" ".join(self.options), self.said()))
            finish()
        time.sleep(0.3 * SLOW)  # the database is there before the first packet is looked at
        return self

    def said(self):
        with open(self.err, encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self, how=signal.SIGTERM):
        """The exit status after that signal."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(timeout=20 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)

    def rows(self, call_id):
        return [f for f in failures(self.db) if f["call_id"] == call_id]

    def expect_row(self, call_id, what, seconds=10):
        """Waits for that Call-ID's failure; the seconds it took, and the failure (or None)."""
        before = time.monotonic()
        while time.monotonic() - before < seconds * SLOW:
            found = self.rows(call_id)
            if found:
                return time.monotonic() - before, found[0]
            time.sleep(0.05)
        check(False, "%s: no failure was stored for %s" % (what, call_id))
        return None, None


def request(method, call_id, cseq, source, target, number="15551230000", pad=0, auth=""):
    """A request the way Asterisk's chan_sip writes it; pad bytes of X-Padding make it large."""
    bracket = lambda a: "[%s]" % a if ":" in a else a
    padding = "".join("X-Padding-%d: %s\r\n" % (i, "p" * 480) for i in range(-(-pad // 500)))
    return ("%s sip:%s@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK%s%d;rport\r\nMax-Forwards: 70\r\n"
            "From: \"V1123114500000012345\" <sip:account@%s>;tag=as%s\r\nTo: <sip:%s@%s>\r\nContact: <sip:account@%s:5060>\r\n"
            "Call-ID: %s\r\nCSeq: %d %s\r\nUser-Agent: Asterisk PBX 18.21.0-vici\r\n%s%sContent-Length: 0\r\n\r\n" %
            (method, number, bracket(target), bracket(source), call_id[:8], cseq, bracket(target), call_id[:6], number,
             bracket(target), bracket(source), call_id, cseq, method, auth, padding)).encode()


def reply(to, code, reason):
    """The provider's answer to that request."""
    kept = [l for l in to.decode().split("\r\n") if l.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))]
    kept = [l + ";tag=gw1" if l.startswith("To:") else l for l in kept]
    return ("SIP/2.0 %d %s\r\n%s\r\nServer: provider\r\nContent-Length: 0\r\n\r\n" % (code, reason, "\r\n".join(kept))).encode()


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(tags, source, target, payload):
    """Ethernet (to everybody: nobody has to answer an ARP) with those tags, IPv4, UDP."""
    udp = struct.pack(">HHHH", 5060, 5060, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(target))
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return (b"\xff" * 6 + b"\x02\x00\x00\x00\x00\x01" + b"".join(struct.pack(">HH", *tag) for tag in tags) +
            struct.pack(">H", 0x0800) + ip + udp)
