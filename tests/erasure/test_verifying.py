"""What `flask clients verify-erasure` tells of a client that came back, and how people read it."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from tests.factories import Tenant
from tests.transfer.moving import done, shell


def test_a_client_that_was_brought_back_is_told_as_that_with_the_date(
    app: Flask, tenant: Tenant, tmp_path: Path
) -> None:
    tenant.sign_up()
    bundle = tmp_path / "it.rowlock"
    done(app, "export", tenant.slug, "--to", bundle)
    done(app, "erase", tenant.slug, "--confirm", tenant.slug)
    status, said, _ = shell(app, "verify-erasure", tenant.client_id)
    assert (status, "Nothing of it is left." in said) == (0, True)
    assert re.search(r"^  users +1$", said, re.MULTILINE), said
    assert "{" not in said
    assert done(app, "verify-erasure", tenant.client_id)["brought_back_at"] is None
    done(app, "import", bundle, "--same-id")
    status, said, _ = shell(app, "verify-erasure", tenant.client_id)
    assert (status, "Something is left" in said, "clients: 1 row" in said) == (1, False, True)
    (told,) = re.findall(r"It was brought back on (\S+) ", said)
    assert timedelta() <= datetime.now(UTC) - datetime.fromisoformat(told) < timedelta(minutes=5)
    status, said, _ = shell(app, "verify-erasure", tenant.client_id, "--json")
    assert (status, json.loads(said)["brought_back_at"]) == (1, told)
