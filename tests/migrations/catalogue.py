"""What a database says of its tables: columns, indexes and constraints, as lines to compare."""

import re
from collections import defaultdict

from sqlalchemy import Connection, create_engine, text

_POSTGRESQL = """
SELECT c.relname AS name, 'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
       || coalesce(' comment ' || col_description(c.oid, a.attnum), '') AS line
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relkind = 'r'
UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE conrelid <> 0 AND contype <> 'n' AND connamespace = 'public'::regnamespace
"""
_SQLITE = """
SELECT t.name, 'column ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk
       || coalesce(' default ' || c.dflt_value, '') AS line
  FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'
UNION ALL SELECT tbl_name, coalesce(sql, name) FROM sqlite_schema WHERE type = 'index'
UNION ALL SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'users\\_%' ESCAPE '\\'
"""


def of(url: str) -> dict[str, list[str]]:
    """Return the lines of every table, without the client's digits in a users table's own."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _lines(connection)
    finally:
        engine.dispose()


def _lines(connection: Connection) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name, line in connection.execute(text(_SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL)):
        if line.startswith("CREATE TABLE"):  # a copy that a batch made has its constraints in any order
            line = "\n".join(sorted(part.strip().rstrip(",") for part in line.splitlines()))
        found[name.strip('"')].append(re.sub(r'"?(users_)[0-9a-f]{32}(_\w+)?"?', r"\1…\2", line))
    return {name: sorted(lines) for name, lines in found.items()}
