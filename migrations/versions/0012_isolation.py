"""Let the database hold statements to one client's rows: what does so is made after the migrations, and undone here."""

from alembic import op

revision = "0012"
down_revision = "0011"

# Plain SQL over the catalogue: whatever tables there are by then, the clients' own among them.
_UNDO = """
DO $undo$
DECLARE found record;
BEGIN
    FOR found IN SELECT polrelid::regclass AS name, polname FROM pg_policy
        WHERE polname IN ('rowlock_client', 'rowlock_across') AND polrelid IN
            (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
    LOOP
        EXECUTE format('DROP POLICY %I ON %s', found.polname, found.name);
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', found.name);
        EXECUTE format('REVOKE ALL ON %s FROM rowlock_client, rowlock_across', found.name);
    END LOOP;
END $undo$;
DROP FUNCTION IF EXISTS rowlock_create_users_table(uuid), rowlock_drop_users_table(uuid)
"""


def upgrade() -> None:
    """Apply the change."""


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_UNDO)
