"""Whatever stands in a file of users is told, and is never a fault of ours."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import Tenant
from tests.user_management.importing import CSV, NDJSON, send, told

LINES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.fixed_dictionaries({}, optional={
            "email": st.one_of(st.emails(), st.text(max_size=20), st.none()), "password_hash": st.text(max_size=70),
            "username": st.text(max_size=5),
            "custom_fields": st.dictionaries(st.text(max_size=3), st.floats() | st.text()),
            "created_at": st.datetimes().map(str), "role": st.sampled_from(["user", "admin", "x", ""]),
        }).map(lambda row: json.dumps(row).encode()),
    ),
    max_size=8,
)  # fmt: skip


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(LINES, st.booleans(), st.booleans())
def test_IN_04_whatever_stands_in_a_file_is_told_and_never_a_fault(
    tenant: Tenant, lines: list[bytes], as_csv: bool, dry_run: bool
) -> None:
    head, form = (b"email,full_name,custom_fields\n", CSV) if as_csv else (b"", NDJSON)
    reports, summary = told(send(tenant, head + b"\n".join(lines), dry_run=dry_run, headers=form))
    assert summary["finished"]
    assert summary["total"] == summary["added"] + summary["skipped"] + summary["failed"]
    assert dry_run or len(reports) == summary["skipped"] + summary["failed"] or not reports
