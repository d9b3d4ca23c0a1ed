#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turns the schema's SQL files into one C file, so that the program needs none of
them at run time: embed.py OUT.c VIEWS.sql 0001_NAME.sql 0002_NAME.sql ..."""
import os
import sys


def c_string(path):
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    quote = str.maketrans({"\\": "\\\\", '"': '\\"', "?": "\\?"})
    return "\n".join('\t"%s\\n"' % line.translate(quote) for line in lines)


def main(out, views, *migrations):
    migrations = sorted(migrations, key=os.path.basename)
    for version, path in enumerate(migrations, start=1):
        if not os.path.basename(path).startswith("%04d_" % version):
            sys.exit("%s: expected the migration with number %04d" % (path, version))
    with open(out, "w", encoding="utf-8") as f:
        f.write("/* Made by schema/embed.py. Do not edit. */\n")
        f.write('#include "store/schema.h"\n\n')
        f.write("const char *const schema_migrations[] = {\n")
        for path in migrations:
            f.write("\t/* %s */\n%s,\n" % (os.path.basename(path), c_string(path)))
        f.write("\tNULL,\n};\n\n")
        f.write("const char schema_views[] =\n%s;\n" % c_string(views))


if __name__ == "__main__":
    main(*sys.argv[1:])
