#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""EL9's sqlite3 (3.34) must read our database, so there is no STRICT: each column's type
is held by a CHECK. This proves that no column was forgotten, that the declared type and
the CHECK agree, that every table says which sensor wrote it, that nothing newer than
3.34 is used, that SCHEMA.md names each column of each view, in order, and that each column of
failures is bound by a function that can bind nothing else than its CHECK allows (the writer does
not ask the CHECKs). It proves itself on planted mistakes first.

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
    "BLOB": {"blob", "null"},
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
    """The CHECK of one column: the list of types it allows, or None."""
    m = re.search(
        r"CHECK\s*\(\s*(?P<null>{0} IS NULL OR )?typeof\({0}\)\s*"
        r"(?:=\s*(?P<one>'\w+')|IN\s*\((?P<list>[^)]*)\))\s*\)".format(re.escape(column)),
        without_comments(create))
    if not m:
        return None
    words = re.findall(r"'(\w+)'", m.group("one") or m.group("list"))
    # Three words cost a temporary b-tree for each row (SQLite's IN_INDEX_NOOP_OK).
    return None if len(words) > 2 else set(words) | ({"null"} if m.group("null") else set())


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


def undocumented(scripts, manual):
    """Views whose columns are not those of their section of SCHEMA.md."""
    db = sqlite3.connect(":memory:")
    for _, sql in scripts:
        db.executescript(sql)
    sections = re.split(r"^### `(\w+)`$", manual, flags=re.MULTILINE)
    told = {}
    for name, text in zip(sections[1::2], sections[2::2]):
        told[name] = re.findall(r"^\| `(\w+)` \|", re.split(r"^## ", text, flags=re.MULTILINE)[0],
                                re.MULTILINE)
    # "Columns as in recent_failures up to first_verdict, then:"
    recent, every = told.get("recent_failures", []), told.get("all_failures", [])
    if "first_verdict" in recent:
        told["all_failures"] = recent[:recent.index("first_verdict") + 1] + every
    faults = []
    for (view,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'"):
        have = [r[1] for r in db.execute("SELECT * FROM pragma_table_info(?)", (view,))]
        if told.get(view) != have:
            faults.append("SCHEMA.md: %s has %s" % (view, " ".join(have)))
    return faults


# What the functions of lib/store/stmt.h bind; NULL where NOT NULL forbids it is refused by SQLite.
BINDERS = {
    "i64": {"integer"}, "nonzero": {"integer", "null"}, "real": {"real"}, "word": {"text", "null"},
    "copy": {"text", "null"}, "endpoint": {"text", "null"}, "wire": {"text", "blob", "null"},
    "field": {"text", "blob", "null"},
}


def misbound(scripts, columns):
    """Columns of failures whose binder may bind what their CHECK does not allow."""
    db = sqlite3.connect(":memory:")
    for _, sql in scripts:
        db.executescript(sql)
    (create,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'failures'").fetchone()
    notnull = {r[1] for r in db.execute("PRAGMA table_info(failures)") if r[3]}
    faults = []
    for name, binder in re.findall(r"^COLUMN\((\w+),\s*(\w+),", columns, re.MULTILINE):
        binds = BINDERS.get(binder, {"?"}) - ({"null"} if name in notnull else set())
        if not binds <= (check_of(create, name) or set()):
            faults.append("failure_columns.def: %s is bound as %s" % (name, " or ".join(sorted(binds))))
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
    "a TEXT CHECK (typeof(a) IN ('text', 'blob', 'null'))",
    "b TEXT CHECK (typeof(b) IN ('text', 'null')), a TEXT CHECK (b IS NULL OR typeof(a) = 'text')",
]
FINE = "b TEXT CHECK (b IS NULL OR typeof(b) IN ('text', 'blob')), a INTEGER CHECK (typeof(a) IN ('integer', 'null')) -- -> and unixepoch() and STRICT\n"
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
    view = [("planted", "CREATE VIEW v AS SELECT 1 AS a, 2 AS b;")]
    row = "### `v`\n| `a` | |\n"
    if not undocumented(view, row) or undocumented(view, row + "| `b` | |\n"):
        missed.append("a column that SCHEMA.md does not name")
    table = [("planted", "CREATE TABLE failures(a INTEGER NOT NULL CHECK (typeof(a) = 'integer'),"
              " b TEXT CHECK (typeof(b) IN ('text', 'null')));")]
    if misbound(table, "COLUMN(a, nonzero, x)\nCOLUMN(b, word, x)\n"):
        missed.append("what is bound well was called a mistake")
    for bad in ("COLUMN(a, word, x)", "COLUMN(b, wire, x)", "COLUMN(b, i64, x)", "COLUMN(b, new, x)", "COLUMN(c, i64, x)"):
        if not misbound(table, bad + "\n"):
            missed.append(bad)
    if faults_of([("planted", GOOD % FINE)]) or too_new("SELECT datetime(1, 'unixepoch');"):
        missed.append("what is right was called a mistake")
    return ["planted, not found: %s" % m for m in missed]


def main(root):
    files = sorted(glob.glob(os.path.join(root, "schema", "[0-9]*.sql")))
    files.append(os.path.join(root, "schema", "views.sql"))
    scripts = [(os.path.relpath(f, root), open(f, encoding="utf-8").read()) for f in files]
    manual = open(os.path.join(root, "schema", "SCHEMA.md"), encoding="utf-8").read()
    columns = open(os.path.join(root, "lib", "store", "failure_columns.def"), encoding="utf-8").read()
    faults = selftest() + faults_of(scripts) + undocumented(scripts, manual) + misbound(scripts, columns)
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
