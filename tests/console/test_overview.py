"""What an admin sees first, the room that the data takes and the way out with it."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.console.running import Console, log_in, not_across
from tests.factories import PASSWORD, Tenant

_FAILURES = 21
_DAY = 86_400


def test_the_overview_tells_whether_the_client_is_healthy_grows_and_is_attacked_and_is_read_anew_at_each_visit(
    page: Page, tenant: Tenant
) -> None:
    not_across(_DAY)
    for _ in range(2):
        tenant.sign_up()
    assert tenant.call("POST", "/keys", json={"name": "Backend"}).status_code == 201
    for number in range(_FAILURES):
        wrong = {"email": f"nobody{number}@example.com", "password": PASSWORD}
        assert tenant.call("POST", "/login", json=wrong).status_code == 401
    log_in(page, tenant)
    page.goto("/console/overview")
    glance = page.get_by_role("region", name="At a glance")
    expect(page.get_by_role("region", name="First steps")).to_have_count(0)
    for answer in ("All well", "Too early to say", "Unusually many failures"):
        expect(glance.get_by_text(answer, exact=True)).to_be_visible()
    chart = page.get_by_role("figure", name="Do logins work?")
    chart.get_by_text("Show the figures as a table").click()
    expect(chart.get_by_role("row").last).to_contain_text(f"1{_FAILURES}")
    roles = page.get_by_role("list", name="Users by role").get_by_role("listitem")
    expect(roles).to_have_text(["user2", "admin1"])
    expect(page.get_by_role("meter", name="Calls per minute")).to_be_visible()
    glance.get_by_role("link", name="See the failed logins").click()
    expect(page.get_by_role("table", name="Entries of the audit log").get_by_role("row")).to_have_count(_FAILURES + 1)
    tenant.sign_up()
    page.get_by_role("link", name="Overview").click()
    expect(glance.get_by_text("3 sign-ups in the last 7 days")).to_be_visible()


def test_storage_is_shown_by_part_and_all_of_it_can_be_taken_along(
    page: Page, tenant: Tenant, console: Console, tmp_path: Path
) -> None:
    tenant.sign_up()
    log_in(page, tenant)
    page.goto("/console/storage")
    expect(page.get_by_role("list", name="What takes room")).to_contain_text("2 rows")
    page.get_by_label("Passphrase").fill("long enough to keep it")
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_text("The file is being written.")).to_be_visible()
    console.do_chore("exports")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download the file").click()
    begun.value.save_as(tmp_path / begun.value.suggested_filename)
    assert (tmp_path / f"{tenant.slug}.rowlock").read_bytes().startswith(b"rowlock-sealed/1\n")
    page.reload()
    expect(page.get_by_text("yes, with your passphrase")).to_be_visible()
    page.get_by_role("button", name="Make another file").click()
    expect(page.get_by_role("button", name="Make the file")).to_be_visible()
