"""Makes what sessions of the service need the serving role's own defaults.

Each connection asks for them as it starts, but a pooler in between (PgBouncer in transaction mode) passes nothing of
that on: its connections have what the role has. A role may set its own defaults (PostgreSQL manual, ALTER ROLE), here
for this database alone.
"""

from sqlalchemy import Engine, text

from app.core.engines import SESSION


def keep(serving: Engine) -> None:
    """Set them for the role that an engine connects as."""
    quote = serving.dialect.identifier_preparer.quote
    with serving.begin() as connection:
        role, database = connection.execute(text("SELECT session_user, current_database()")).one()
        for name, value in SESSION.items():
            connection.exec_driver_sql(f"ALTER ROLE {quote(role)} IN DATABASE {quote(database)} SET {name} = '{value}'")
