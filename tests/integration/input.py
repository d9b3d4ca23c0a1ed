#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bad input: the exact exit status, one line on stderr that names the thing, and nothing
overwritten. The same table for `trunkwatchd -r` and `trunkwatch analyze`.
"""
import contextlib
import gzip
import hashlib
import os
import shutil
import sqlite3
import struct
import subprocess

import lab
from lab import check

USAGE, DATA, NO_INPUT, UNAVAILABLE, CONFIG = 64, 65, 66, 69, 78
CAPTURE = lab.GOLDEN + "/wrongpw_udp_407_403.pcap"


def run(command, feed=None):
    return subprocess.run(command, input=feed, capture_output=True, timeout=60 * lab.SLOW)


def expect(name, done, status, *words, lines=1):
    said = done.stderr.decode(errors="replace")
    check(done.returncode == status, "%s: exit %d, expected %d: %s" % (name, done.returncode, status, said.strip()))
    check(len(said.splitlines()) == lines, "%s: %d lines on stderr, expected %d: %s" % (name, len(said.splitlines()), lines, said))
    for word in words:
        check(word in said, "%s: %r is not in %r" % (name, word, said.strip()))
    check(all(c == "\n" or c.isprintable() for c in said), "%s: control characters on stderr: %r" % (name, said))


def readers(work):
    """The two programs that read a capture file, as functions of (file, database, stdin)."""
    def daemon(path, db, feed=None):
        return run([lab.DAEMON, *lab.AS_USER, "-r", path, "-d", db], feed)

    def analyze(path, db, feed=None):
        return run([lab.CLI, "analyze", "-d", db, path], feed)
    return (("trunkwatchd -r", daemon, work + "/d.db"), ("trunkwatch analyze", analyze, work + "/a.db"))


def capture_files(work):
    """name -> (file, exit status, a word of the message); made from one of our own captures."""
    whole = open(CAPTURE, "rb").read()
    files = {
        "missing": (None, NO_INPUT, "No such file"),
        "empty": (b"", DATA, ""),
        "text": (b"this is no capture file, but long enough to be one\n" * 9, DATA, ""),
        "zeros": (bytes(4096), DATA, ""),
        "half a header": (whole[:13], DATA, ""),
        "gzip of text": (gzip.compress(b"no capture either\n" * 99), DATA, ""),
        "unknown link type": (whole[:20] + struct.pack("<I", 147) + whole[24:], DATA, "147"),
    }
    out = []
    for name, (content, status, word) in files.items():
        path = "%s/%s.pcap" % (work, name.replace(" ", "-"))
        if content is not None:
            with open(path, "wb") as f:
                f.write(content)
        out.append((name, path, status, word))
    return out


def unreadable(work):
    for who, reader, db in readers(work):
        for name, path, status, word in capture_files(work):
            expect("%s, %s" % (who, name), reader(path, db), status, os.path.basename(path), word)


def damaged(work):
    """Damage after readable packets: the full result of what was read, one line, 65."""
    whole = open(CAPTURE, "rb").read()
    cases = {
        "cut in a record": whole[:-100],
        "garbage at the end": whole + b"\xff" * 40,
        "cut gzip": gzip.compress(whole)[:-9],
    }
    for who, reader, _ in readers(work):
        for name, content in cases.items():
            path, db = work + "/damaged.pcap", work + "/damaged.db"
            for old in (db, db + "-wal", db + "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(old)
            with open(path, "wb") as f:
                f.write(content)
            expect("%s, %s" % (who, name), reader(path, db), DATA, "damaged.pcap")
            check(lab.count_rows(db) == 3, "%s, %s: %s failures of 3 are stored" % (who, name, lab.count_rows(db)))


def pipes(work):
    """Whole captures through a pipe: pcap, gzip; nothing on stderr of the CLI, everything stored."""
    whole = open(CAPTURE, "rb").read()
    for who, reader, db in readers(work):
        for name, content in (("pcap", whole), ("gzip", gzip.compress(whole))):
            path = "%s.%s" % (db, name)
            done = reader("-", path, content)
            check(done.returncode == 0, "%s -, %s: exit %d %s" % (who, name, done.returncode, done.stderr))
            check(lab.count_rows(path) == 3, "%s -, %s: %s failures of 3" % (who, name, lab.count_rows(path)))
    done = subprocess.run("cat %s | %s analyze --json - | head -c 1 >/dev/null; exit ${PIPESTATUS[1]}" % (CAPTURE, lab.CLI),
                          shell=True, executable="/bin/bash", capture_output=True, timeout=60)
    check(b"Sanitizer" not in done.stderr, "analyze into a closed pipe: %s" % done.stderr)


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def own(path):
    if os.geteuid() == 0:
        shutil.chown(path, lab.USER)


def databases(work):
    """Databases that are not for us to write: one line, 69, and not one byte of them changed."""
    good = work + "/good.db"
    check(run([lab.CLI, "analyze", "-d", good, CAPTURE]).returncode == 0, "a database to spoil")
    with contextlib.closing(sqlite3.connect(good)) as c:
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def text(path):
        with open(path, "w") as f:
            f.write("Dear diary,\n" * 500)

    def foreign(path):
        with contextlib.closing(sqlite3.connect(path)) as c:
            c.execute("CREATE TABLE contacts(name)")
            c.commit()

    def newer(path):
        shutil.copy(good, path)
        with contextlib.closing(sqlite3.connect(path)) as c:
            c.execute("PRAGMA user_version=9999")

    def read_only(path):
        shutil.copy(good, path)
        os.chmod(path, 0o444)

    for name, make in (("not SQLite", text), ("somebody else's database", foreign), ("newer", newer), ("read-only", read_only)):
        for who, reader, _ in readers(work):
            if name == "read-only" and "analyze" in who and os.geteuid() == 0:
                continue  # root writes to everything; the daemon is not root any more
            folder = "%s/%s-%s" % (work, name.replace(" ", "-").replace("'", ""), who.split()[0])
            os.mkdir(folder)
            db = folder + "/x.db"
            make(db)
            own(folder), own(db)
            if name == "read-only":
                os.chmod(folder, 0o555)
            before = digest(db)
            expect("%s, %s" % (who, name), reader(CAPTURE, db), UNAVAILABLE, "x.db")
            check(digest(db) == before, "%s, %s: the file was changed" % (who, name))

    for command in ("failures", "trunks"):
        text(work + "/text.db")
        expect("%s, not SQLite" % command, run([lab.CLI, command, "-d", work + "/text.db"]), UNAVAILABLE, "text.db")
        expect("%s, missing" % command, run([lab.CLI, command, "-d", work + "/none.db"]), UNAVAILABLE, "none.db")
        check(not os.path.exists(work + "/none.db"), "%s made a database" % command)
    for who, reader, _ in readers(work):
        expect("%s, no such folder" % who, reader(CAPTURE, work + "/no/such/x.db"), UNAVAILABLE, "/no/such/x.db")


def locked(work):
    db = work + "/locked.db"
    check(run([lab.CLI, "analyze", "-d", db, CAPTURE]).returncode == 0, "a database to lock")
    own(db)
    for extra in ("-wal", "-shm"):
        if os.path.exists(db + extra):
            own(db + extra)
    with contextlib.closing(sqlite3.connect(db, isolation_level=None)) as c:
        c.execute("BEGIN EXCLUSIVE")
        for who, reader, _ in readers(work):
            expect("%s, locked" % who, reader(CAPTURE, db), UNAVAILABLE, "locked.db")
        c.execute("ROLLBACK")
    check(lab.count_rows(db) == 3, "locked: %s rows instead of 3" % lab.count_rows(db))


def usage(_):
    for command in ([lab.CLI, "frobnicate"], [lab.CLI, "analyze"], [lab.CLI, "analyze", "--frob", CAPTURE], [lab.CLI, "show"],
                    [lab.CLI, "show", "x", "-d", "/nonexistent"], [lab.CLI, "analyze", "--local", "300.1.2.3", CAPTURE],
                    [lab.DAEMON, "--frob"], [lab.DAEMON, "stray"]):
        done = run(command)
        check(done.returncode == USAGE, "%s: exit %d, expected 64" % (" ".join(command[1:]), done.returncode))
        check(done.stderr and not done.stdout, "%s: says nothing on stderr, or something on stdout" % " ".join(command[1:]))
    for program in (lab.CLI, lab.DAEMON):
        for option in ("--help", "--version"):
            done = run([program, option])
            check(done.returncode == 0 and done.stdout and not done.stderr, "%s %s" % (program, option))


def configuration(work):
    """Every error names file, line and column; a key nearly right names the right one."""
    cases = (
        ("unknown key", "captrue:\n  ports: 5060\n", "1:1", "capture"),
        ("unknown inner key", "capture:\n  interface: eth0\n", "2:3", "interfaces"),
        ("wrong type", "ring:\n  size: many\n", "2:", ""),
        ("out of range", "capture:\n  ports: [70000]\n", "2:", ""),
        ("not YAML", "capture:\n  ports: [5060\nring: }\n", "", ""),
        ("tabs", "capture:\n\tports: 5060\n", "2:", ""),
    )
    path = work + "/bad.yaml"
    for name, text, where, word in cases:
        with open(path, "w") as f:
            f.write(text)
        for options in (["--check-config"], ["-r", CAPTURE, "-d", work + "/never.db"]):
            expect("configuration, %s" % name, run([lab.DAEMON, "-c", path, *options]), CONFIG, "bad.yaml:" + where, word)
    check(not os.path.exists(work + "/never.db"), "a wrong configuration made a database")
    expect("configuration, missing", run([lab.DAEMON, "-c", work + "/none.yaml", "--check-config"]), CONFIG, "none.yaml")
    done = run([lab.DAEMON, "-c", lab.SOURCE + "/etc/trunkwatch.yaml", "--check-config"])
    check(done.returncode == 0 and not done.stderr, "etc/trunkwatch.yaml: exit %d %s" % (done.returncode, done.stderr))


def main():
    for part in (unreadable, damaged, pipes, databases, locked, usage, configuration):
        with lab.workdir() as work:
            part(work)
    lab.finish()


main()
