"""What is done with all users of a client at once: bringing a file in, taking one out, logging everybody out."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.console.test_users import confirm, open_page
from tests.factories import Tenant


def test_a_file_of_users_is_refused_with_the_reason_or_checked_and_then_brought_in(page: Page, tenant: Tenant) -> None:
    taken = tenant.sign_up().email
    rows = ["email,full_name", "one@example.com,One", "no address,Two", f"{taken},Three", "four@example.com,Four"]
    open_page(page, tenant, "/users")
    page.get_by_role("link", name="Import users").click()
    page.get_by_label("CSV or NDJSON file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": b"name,age\nAda,36\n"}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("alert")).to_contain_text("header")

    content = "\n".join(rows).encode()
    page.get_by_label("CSV or NDJSON file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("1 line has errors.")).to_be_visible()
    bad = page.get_by_role("table", name="Lines that are not imported")
    expect(bad.get_by_role("row").nth(1)).to_contain_text("This is not a valid e-mail address.")
    expect(bad.get_by_role("row").nth(2)).to_contain_text(taken)
    assert tenant.call("GET", "/users", params={"q": "one@"}).json()["items"] == []

    page.get_by_role("button", name="Import 2 users").click()
    expect(page.get_by_text("2 users were imported.")).to_be_visible()
    expect(page.get_by_role("button", name="Import 2 users")).to_have_count(0)
    page.get_by_role("link", name="All users").click()
    expect(page.get_by_role("link", name="four@example.com")).to_be_visible()


def test_all_users_are_downloaded_and_logged_out_with_the_reader(page: Page, tenant: Tenant, tmp_path: Path) -> None:
    people = [tenant.sign_up() for _ in range(3)]
    open_page(page, tenant, "/users")
    for form in ("CSV", "NDJSON"):
        with page.expect_download() as begun:
            page.get_by_role("button", name=f"Download as {form}").click()
        assert begun.value.suggested_filename == f"users-{tenant.slug}.{form.lower()}"
        begun.value.save_as(tmp_path / form)
        saved = (tmp_path / form).read_text()
        assert all(person.email in saved for person in people)
        assert "password" not in saved
    confirm(page, "End everybody’s sessions", typed=tenant.slug, send="Log everybody out")
    page.wait_for_url("**/console/login**")
    assert people[0].call("GET", "/me").status_code == 401
