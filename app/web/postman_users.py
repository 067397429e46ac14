"""The Postman collection's folder on a client's users: roles, a user's life, what an admin sees and ends, in and out.

Every call goes by an admin's token, which counts in that user's windows and not in the client's.
"""

from app.web.postman_calls import Call

_GRACE = {"email": "grace.{{run}}@example.com", "password": "{{password}}"}
_HERS = "pm.expect(answer.user_id).to.eql(pm.environment.get('user_id'))"
_SESSION = ("pm.environment.set('session_id', answer.items[0].session_id);",)

USERS = (
    Call(
        "put_role",
        "admin_token",
        200,
        name="Make a role of your own",
        body={"permissions": ["read", "audit:read"]},
        before=("pm.environment.set('name', 'auditor');",),
        checks={"it holds what was sent": "pm.expect(answer.permissions).to.have.members(['read', 'audit:read'])"},
    ),
    Call(
        "list_roles",
        "admin_token",
        200,
        checks={
            "the built-in ones and your own": "pm.expect(answer.items.map((one) => one.name))"
            ".to.include.members(['admin', 'user', 'auditor'])"
        },
    ),
    Call("show_role", "admin_token", 200, checks={"it is your own": "pm.expect(answer.built_in).to.eql(false)"}),
    Call(
        "create_user",
        "admin_token",
        201,
        name="Invite a user: without a password, a mail asks for one",
        body={"email": "mary.{{run}}@example.com"},
        saves={"user_id": "user_id"},
        checks={"the user is invited": "pm.expect(answer.status).to.eql('invited')"},
    ),
    Call("invite_user_again", "admin_token", 202, body={}),
    Call(
        "create_user",
        "admin_token",
        201,
        name="Make a user with a password",
        body={**_GRACE, "full_name": "Grace Hopper", "email_verified": True},
        saves={"user_id": "user_id"},
        checks={"the user may log in": "pm.expect(answer.status).to.eql('active')"},
    ),
    Call(
        "list_users",
        "admin_token",
        200,
        checks={
            "both are there": "pm.expect(answer.items.map((one) => one.status))"
            ".to.include.members(['active', 'invited'])",
            "no hash is shown": "pm.expect(pm.response.text()).to.not.include('hash')",
        },
    ),
    Call("mail_user_reset", "admin_token", 202, body={}),
    Call(
        "mail_user_verification",
        "admin_token",
        409,
        name="Nobody is asked to confirm an address that somebody vouched for",
        body={},
        code="conflict",
    ),
    Call(
        "change_user",
        "admin_token",
        200,
        name="Give the user another role",
        body={"role": "auditor"},
        checks={"the role is the new one": "pm.expect(answer.role).to.eql('auditor')"},
    ),
    Call("log_in", "publishable_key", 200, name="Log that user in", body=_GRACE, checks={"it is that user": _HERS}),
    Call(
        "list_user_sessions",
        "admin_token",
        200,
        checks={"the login is there": "pm.expect(answer.items).to.have.length(1)"},
        after=_SESSION,
    ),
    Call("end_user_session", "admin_token", 204),
    Call("end_user_sessions", "admin_token", 204),
    Call(
        "reset_user_factors",
        "admin_token",
        200,
        checks={"there was none to take away": "pm.expect(answer.deleted.factors).to.eql(0)"},
    ),
    Call(
        "impersonate_user",
        "admin_token",
        200,
        body={"reason": "Ticket 4711: the invoice page stays empty"},
        saves={"access_token": "access_token"},
        checks={"it is for a quarter of an hour": "pm.expect(answer.expires_in).to.be.at.most(900)"},
    ),
    Call("show_me", "access_token", 200, name="See what that user sees", checks={"it is that user": _HERS}),
    Call(
        "change_me",
        "access_token",
        403,
        name="Who acts for a user changes nothing",
        body={"full_name": "Grace"},
        code="insufficient_scope",
    ),
    Call(
        "change_user",
        "admin_token",
        200,
        name="Disable the user",
        body={"status": "disabled"},
        checks={"it is disabled": "pm.expect(answer.status).to.eql('disabled')"},
    ),
    Call(
        "log_in",
        "publishable_key",
        403,
        name="A disabled user is told so after the right password",
        body=_GRACE,
        code="account_disabled",
    ),
    Call("show_user", "admin_token", 200, checks={"it is that user": _HERS}),
    Call(
        "delete_user",
        "admin_token",
        200,
        checks={"it counts what went": "pm.expect(answer.deleted.sessions).to.be.a('number')"},
    ),
    Call("show_user", "admin_token", 404, name="Read the user again: there is none", code="not_found"),
    Call("delete_role", "admin_token", 204),
    Call(
        "import_users",
        "admin_token",
        200,
        file='{"email": "hedy.{{run}}@example.com", "full_name": "Hedy Lamarr"}\n{"email": "no address"}\n',
        checks={
            "one came in, one is told": "pm.expect(JSON.parse(pm.response.text().trim().split('\\n').pop()))"
            ".to.include({added: 1, failed: 1, finished: true})"
        },
    ),
    Call(
        "export_users",
        "admin_token",
        200,
        checks={
            "each line is a user": "pm.response.text().trim().split('\\n')"
            ".forEach((line) => pm.expect(JSON.parse(line)).to.have.property('user_id'))",
            "no hash is shown": "pm.expect(pm.response.text()).to.not.include('hash')",
        },
    ),
)
