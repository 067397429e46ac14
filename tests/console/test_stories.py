"""The two stories that the console is for, from the first page to the last, in one browser each."""

import re

from playwright.sync_api import Page, expect

from tests.console.running import Console, fill_in_login, log_out
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email
from tests.mfa.enrolling import Pocket


def test_from_a_registration_to_a_key_that_is_revoked_and_seen_in_the_audit_log(page: Page, console: Console) -> None:
    name, email = f"Story {fresh_email().partition('@')[0]}", fresh_email()
    slug, access_key = register(page, name, email)
    log_out(page)
    fill_in_login(page, slug, email)
    expect(page.get_by_role("button", name="Log out")).to_be_visible()

    pocket = set_up_app(page)
    log_out(page)
    expect(page.get_by_label("Client", exact=True)).to_have_value(slug)
    fill_in_login(page, slug, email)
    expect(page.get_by_role("heading", name="Confirm that it is you", level=1)).to_be_visible()
    send_code(page, "Code of your authenticator app", pocket.code())
    log_out(page)
    fill_in_login(page, slug, email)
    page.get_by_role("button", name="Use a recovery code").click()
    send_code(page, "Recovery code", pocket.recovery_codes[0])

    secret = create_key(page, "Reporting job", "users:read")
    client_id = page.request.get("/api/v1/console/session").json()["client"]["client_id"]
    begun = console.api.get(f"/api/v1/{client_id}/audit-logs?action=totp.begin", headers=bearer(access_key))
    assert len(begun.json()["items"]) == 1, "one set-up makes one secret"
    users = f"/api/v1/{client_id}/users"
    assert console.api.get(users, headers=bearer(access_key)).status_code == 200
    answer = console.api.get(users, headers=bearer(secret))
    assert (answer.status_code, [one["email"] for one in answer.json()["items"]]) == (200, [email])
    revoke(page, "Reporting job")
    refused = console.api.get(users, headers=bearer(secret))
    assert (refused.status_code, refused.json()["code"]) == (401, "authentication_required")

    page.get_by_role("link", name="Audit log", exact=True).click()
    told = page.get_by_role("table", name="Entries of the audit log").get_by_role("rowheader")
    for action in ("Key revoked", "Key created", "Authenticator app set up", "Login", "Client registered"):
        expect(told.filter(has_text=action).first).to_be_visible()
    half = page.get_by_role("row").filter(has_text=f"Somebody with the password of {email}")
    expect(half.first.get_by_role("cell", name="Second step asked", exact=True)).to_be_visible()


def test_an_operator_suspends_a_client_and_its_login_fails_on_the_page(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    assert tenant.admin is not None
    fill_in_login(page, "platform", operator.email, operator.password)
    expect(page.get_by_role("heading", level=1, name="Clients")).to_be_visible()
    page.get_by_role("searchbox").fill(tenant.slug)
    page.get_by_role("link", name=tenant.name).click()
    page.get_by_role("button", name="Suspend", exact=True).click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("button", name="Suspend", exact=True).click()
    expect(page.get_by_text("This client is suspended").first).to_be_visible()
    log_out(page)

    fill_in_login(page, tenant.slug, tenant.admin["email"])
    expect(page.get_by_role("alert")).to_contain_text("suspended")
    expect(page).to_have_url(re.compile("/console/login"))
    # Who does not know the password does not learn it.
    fill_in_login(page, tenant.slug, tenant.admin["email"], "not the right password")
    expect(page.get_by_role("alert")).not_to_contain_text("suspended")
    answer = tenant.call("GET", "/users")
    assert (answer.status_code, answer.json()["code"]) == (403, "client_suspended")


def register(page: Page, name: str, email: str) -> tuple[str, str]:
    """Register a client on the page and go on into the console; return its slug and access key."""
    page.goto("/console/login")
    page.get_by_role("link", name="Register a client").click()
    page.get_by_label("Name of the client").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", level=1, name=f"{name} is registered")).to_be_visible()
    page.get_by_role("button", name=re.compile("Copy.*access key|Copy")).first.click()
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    access_key: str = page.evaluate("navigator.clipboard.readText()")
    assert access_key.startswith("rlk_ak_")
    slug = page.locator("dd code").first.inner_text()
    page.get_by_label("I have stored the access key").check()
    page.get_by_role("button", name="Open the console").click()
    expect(page.get_by_role("heading", level=1, name="First steps")).to_be_visible()
    assert access_key not in page.content()
    return slug, access_key


def set_up_app(page: Page) -> Pocket:
    """Set an authenticator app up on the page of one's own account."""
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", level=1, name="Your account")).to_be_visible()
    page.get_by_role("button", name="Set up", exact=True).click()
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    page.get_by_text("You cannot scan it?").click()
    pocket = Pocket(page.get_by_role("dialog").get_by_role("code").inner_text())
    page.get_by_label("Code that the app shows now").fill(pocket.wrong())
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("alert")).to_contain_text("This code does not fit")
    page.get_by_label("Code that the app shows now").fill(pocket.code())
    page.get_by_role("button", name="Turn it on").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download as a text file").click()
    pocket.recovery_codes = re.findall(r"\w{6}-\w{6}-[\w-]+", saved.value.path().read_text())
    shown = page.get_by_role("listitem").filter(has_text=re.compile(r"^\w{6}-\w{6}-")).all_inner_texts()
    assert (len(shown), shown) == (10, pocket.recovery_codes)
    page.get_by_label("I have stored these codes").check()
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_text("10 codes left")).to_be_visible()
    return pocket


def send_code(page: Page, label: str, code: str) -> None:
    """Send a code as the second step of a login."""
    page.get_by_label(label).fill(code)
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def create_key(page: Page, name: str, scope: str) -> str:
    """Create a key on the page; return its secret."""
    page.get_by_role("link", name="API keys").click()
    expect(page.get_by_role("heading", level=1, name="API keys")).to_be_visible()
    page.get_by_role("button", name="Create a key").first.click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Name").fill(name)
    asked.get_by_role("checkbox", name=scope, exact=False).first.check()
    asked.get_by_role("button", name="Create a key").click()
    shown = page.get_by_role("group", name="The new key")
    secret = shown.locator("code").first.inner_text()
    assert secret.startswith("rlk_sk_")
    command = shown.locator("pre").inner_text()
    assert re.search("/api/v1/[0-9a-f-]{36}/users", command)
    assert f"Bearer {secret}" in command
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_text(secret)).to_have_count(0)
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Active")
    expect(row).to_contain_text(f"{secret[:12]}…{secret[-4:]}")
    return secret


def revoke(page: Page, name: str) -> None:
    """Revoke a key on its page."""
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.get_by_role("button", name="Revoke", exact=True).click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("textbox").fill(name)
    asked.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_text("The key is revoked.")).to_be_visible()
    expect(page.get_by_text("Revoked", exact=True).first).to_be_visible()
    history = page.get_by_role("region", name="Latest events")
    expect(history.get_by_role("rowheader")).to_contain_text(["key.revoke", "key.create"])
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)
