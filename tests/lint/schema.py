#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""EL9's sqlite3 (3.34) must read our database, so there is no STRICT: each column's type
is held by a CHECK. This proves that no column was forgotten, that the declared type and
the CHECK agree, that every table says which sensor wrote it, and that nothing newer than
3.34 is used. It proves itself on planted mistakes first.

        schema.py SOURCE_ROOT
"""
import glob
import os
import re
import sqlite3
import sys

# What the types may hold. Wire text is a BLOB when it is not UTF-8.
ALLOWED = {
    "INTEGER": {"integer", "null"},
    "REAL": {"real", "null"},
    "TEXT": {"text", "blob", "null"},
}
# Tables about the program, not about what a sensor saw.
NO_SENSOR = {"verdicts"}

TOO_NEW = [
    (r"\)[^;()]*\bSTRICT\b", "STRICT tables (3.37)"),
    (r"\bRETURNING\b", "RETURNING (3.35)"),
    (r"\bDROP\s+COLUMN\b", "DROP COLUMN (3.35)"),
    (r"->", "-> and ->> (3.38)"),
    (r"\bunixepoch\s*\(", "unixepoch() (3.38)"),
    (r"\bMATERIALIZED\b", "MATERIALIZED (3.35)"),
    (r"\b(RIGHT|FULL)\s+(OUTER\s+)?JOIN\b", "RIGHT and FULL JOIN (3.39)"),
    (r"\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b", "IS DISTINCT FROM (3.39)"),
    (r"\b(iif|timediff|octet_length|concat|concat_ws|string_agg|unhex|json_\w+)\s*\(",
     "functions that are new or need not be built in"),
    (r"\b(sqrt|floor|ceil|ceiling|pow|power|ln|log|log2|log10|mod|trunc)\s*\(",
     "math functions (3.35, and only if built in)"),
]


def without_strings(sql):
    return re.sub(r"'(?:[^']|'')*'", "''", sql)


def without_comments(sql):
    return re.sub(r"--[^\n]*", "", sql)


def too_new(sql):
    code = without_strings(without_comments(sql))
    return [why for pattern, why in TOO_NEW if re.search(pattern, code, re.IGNORECASE)]


def check_of(create, column):
    """The typeof() CHECK of one column: the set of types it allows, or None."""
    m = re.search(
        r"CHECK\s*\(\s*typeof\(%s\)\s*(?:=\s*('\w+')|IN\s*\(([^)]*)\))\s*\)" % re.escape(column),
        without_comments(create))
    return set(re.findall(r"'(\w+)'", m.group(1) or m.group(2))) if m else None


def column_faults(table, create, info):
    _, name, declared, notnull, _, pk = info
    types = check_of(create, name)
    at = "%s.%s" % (table, name)
    if types is None:
        return ["%s: no CHECK (typeof(%s) ...)" % (at, name)]
    faults = []
    if declared not in ALLOWED:
        faults.append("%s: type '%s'" % (at, declared))
    elif not types <= ALLOWED[declared]:
        faults.append("%s: declared %s, CHECK allows %s" % (at, declared, sorted(types)))
    if ("null" in types) == bool(notnull or pk):
        faults.append("%s: NOT NULL and its CHECK disagree" % at)
    return faults


def faults_of(scripts):
    faults = []
    db = sqlite3.connect(":memory:")
    for name, sql in scripts:
        faults += ["%s: %s" % (name, why) for why in too_new(sql)]
        db.executescript(sql)
    tables = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"
                        " AND name NOT LIKE 'sqlite_%'").fetchall()
    if not tables:
        faults.append("no tables")
    for table, create in tables:
        columns = db.execute("SELECT * FROM pragma_table_info(?)", (table,)).fetchall()
        for info in columns:
            faults += column_faults(table, create, info)
        if "sensor" not in [c[1] for c in columns] and table not in NO_SENSOR:
            faults.append("%s: no sensor" % table)
    for (view,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'"):
        db.execute("SELECT * FROM %s" % view).fetchall()
    return faults


GOOD = "CREATE TABLE t(sensor TEXT NOT NULL CHECK (typeof(sensor) = 'text'), %s);"
MISTAKES = [  # each must be found
    "a INTEGER",
    "a INTEGER CHECK (typeof(b) = 'integer'), b TEXT CHECK (typeof(b) IN ('text', 'null'))",
    "a INTEGER, -- CHECK (typeof(a) IN ('integer', 'null'))\n"
    "b TEXT CHECK (typeof(b) IN ('text', 'null'))",
    "a INTEGER CHECK (typeof(a) IN ('integer', 'text', 'null'))",
    "a INTEGER CHECK (typeof(a) = 'integer')",
    "a INTEGER NOT NULL CHECK (typeof(a) IN ('integer', 'null'))",
    "a DATETIME CHECK (typeof(a) IN ('text', 'null'))",
    "a REAL CHECK (typeof(a) IN ('integer', 'null'))",
]
FINE = "a INTEGER CHECK (typeof(a) IN ('integer', 'null')) -- -> and unixepoch() and STRICT\n"
TOO_NEW_SQL = [
    "CREATE TABLE t(a) STRICT;", "CREATE TABLE t(a) WITHOUT ROWID, STRICT;",
    "INSERT INTO t VALUES (1) RETURNING a;", "ALTER TABLE t DROP COLUMN a;",
    "SELECT a ->> '$.b';", "SELECT unixepoch('now');", "SELECT 1 FULL OUTER JOIN t;",
]


def selftest():
    missed = [m for m in MISTAKES if not faults_of([("planted", GOOD % m)])]
    missed += [m for m in TOO_NEW_SQL if not too_new(m)]
    if not faults_of([("planted", "CREATE TABLE t(a TEXT CHECK (typeof(a) IN ('text', 'null')));")]):
        missed.append("a table without sensor")
    if faults_of([("planted", GOOD % FINE)]) or too_new("SELECT datetime(1, 'unixepoch');"):
        missed.append("what is right was called a mistake")
    return ["planted, not found: %s" % m for m in missed]


def main(root):
    files = sorted(glob.glob(os.path.join(root, "schema", "[0-9]*.sql")))
    files.append(os.path.join(root, "schema", "views.sql"))
    scripts = [(os.path.relpath(f, root), open(f, encoding="utf-8").read()) for f in files]
    faults = selftest() + faults_of(scripts)
    # The statements in the program must suit the same SQLite: their string literals.
    for f in sorted(glob.glob(os.path.join(root, "lib", "store", "*.[chd]*"))):
        text = open(f, encoding="utf-8").read()
        sql = " ".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', text))
        faults += ["%s: %s" % (os.path.relpath(f, root), why) for why in too_new(sql)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
