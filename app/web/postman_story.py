"""What the Postman collection calls, in which order, and what it expects: the main job, then every other call."""

from app.web.postman_calls import Call

_PASSWORD, _NEW_PASSWORD = "{{password}}", "{{new_password}}"
_NEW_RUN = (
    "// Names and addresses of this run, so that the collection can run again and again.",
    'const run = pm.variables.replaceIn("{{$timestamp}}-{{$randomUUID}}");',
    'pm.environment.set("run", run);',
    'pm.environment.set("email", `ada.${run}@example.com`);',
    'pm.environment.set("password", "correct horse battery");',
    'pm.environment.set("new_password", "another horse battery");',
)

_TOKENS = {"access_token": "access_token", "refresh_token": "refresh_token"}
_LOGIN = {"email": "{{email}}", "password": _PASSWORD}
_NEW = "pm.expect(answer.{0}).to.not.eql(pm.environment.get('{0}'))"

_FOREIGN = "insufficient_scope"
"""What the console's calls answer to everything but its own pages."""

MAIN = (
    Call(
        "register_client",
        status=201,
        body={
            "client_name": "Postman {{run}}",
            "admin": {"email": "admin.{{run}}@example.com", "password": _PASSWORD, "full_name": "Grace Hopper"},
        },
        saves={"client_id": "client_id", "access_key": "access_key"},
        checks={
            "the access key looks like one": "pm.expect(answer.access_key).to.match(/^rlk_ak_[0-9A-Za-z]{49}$/)",
            "the documentation is this client's": "pm.expect(answer.documentation_url).to.include(answer.client_id)",
        },
        before=_NEW_RUN,
    ),
    Call(
        "sign_up",
        "access_key",
        201,
        body={**_LOGIN, "full_name": "Ada Lovelace"},
        saves={"user_id": "user_id", **_TOKENS},
        checks={"it is the user of this e-mail": "pm.expect(answer.user.email).to.eql(pm.environment.get('email'))"},
    ),
    Call(
        "log_in",
        "access_key",
        200,
        body=_LOGIN,
        saves=_TOKENS,
        checks={
            "it is the user who signed up": "pm.expect(answer.user_id).to.eql(pm.environment.get('user_id'))",
            "the login has a session of its own": _NEW.format("refresh_token"),
        },
    ),
    Call(
        "show_me",
        "access_token",
        200,
        checks={
            "it is the user of this e-mail": "pm.expect(answer.email).to.eql(pm.environment.get('email'))",
            "no hash is shown": "pm.expect(pm.response.text()).to.not.include('hash')",
        },
    ),
    Call(
        "change_me",
        "access_token",
        200,
        body={"full_name": "Ada King", "custom_fields": {"team": "blue"}},
        checks={
            "the name is the new one": "pm.expect(answer.full_name).to.eql('Ada King')",
            "the custom fields are kept": "pm.expect(answer.custom_fields).to.eql({team: 'blue'})",
        },
    ),
    Call(
        "list_sessions",
        "access_token",
        200,
        checks={
            "sign-up and login are two sessions": "pm.expect(answer.items).to.have.length(2)",
            "one of them is this call's": "pm.expect(answer.items.filter((one) => one.current)).to.have.length(1)",
        },
    ),
    Call(
        "refresh_session",
        "access_key",
        200,
        body={"refresh_token": "{{refresh_token}}"},
        saves=_TOKENS,
        checks={
            "the refresh token is a new one": _NEW.format("refresh_token"),
            "the access token is a new one": _NEW.format("access_token"),
        },
    ),
    Call(
        "show_me",
        "access_token",
        200,
        name="Read your own account again, with the new token",
        checks={"the change has stayed": "pm.expect(answer.full_name).to.eql('Ada King')"},
    ),
    Call(
        "list_audit_logs",
        "access_key",
        200,
        checks={
            "sign-up and login are in the log": "pm.expect(answer.items.map((one) => one.action))"
            ".to.include.members(['signup', 'login'])",
            "every row is this client's": "pm.expect(answer.items.every("
            "(one) => one.client_id === pm.environment.get('client_id'))).to.eql(true)",
        },
    ),
    Call("log_out", "access_token", 204, body={}),
    Call(
        "show_me", "access_token", 401, code="token_revoked", name="Read your own account once more: the token is dead"
    ),
)

_OTHER_SESSION = (
    "const others = answer.items.filter((one) => !one.current);",
    "pm.test('there is another session', () => pm.expect(others).to.have.length.above(0));",
    "pm.environment.set('session_id', others[0].session_id);",
)

_NEWEST_MAIL = (
    "// The invitation of this run is among them, and may be sent by now.",
    "pm.environment.set('message_id', answer.items[0].message_id);",
)
_SOME_MAIL = (
    "if (!pm.environment.get('message_id')) {",
    "  pm.environment.set('message_id', '00000000-0000-7000-8000-000000000000');",
    "}",
)

REST = (
    Call("healthz", status=200, checks={"it is well": "pm.expect(answer.status).to.eql('ok')"}),
    Call("readyz", status=200, checks={"it is ready": "pm.expect(answer.status).to.be.oneOf(['ok', 'degraded'])"}),
    Call("openapi_json", status=200, checks={"it is 3.1": "pm.expect(answer.openapi).to.match(/^3\\.1\\./)"}),
    Call(
        "show_docs",
        status=200,
        checks={"the id is filled in": "pm.expect(pm.response.text()).to.include(pm.environment.get('client_id'))"},
    ),
    Call("show_jwks", status=200, checks={"there is a key": "pm.expect(answer.keys).to.have.length.above(0)"}),
    Call(
        "show_issuer_configuration",
        status=200,
        checks={"the keys are the issuer's": "pm.expect(answer.jwks_uri.startsWith(answer.issuer)).to.eql(true)"},
    ),
    Call("begin_console_session", status=403, code=_FOREIGN, name="Log in to the console from another page"),
    Call("begin_console_passkey", status=403, code=_FOREIGN, name="Ask for its passkeys from another page"),
    Call("begin_console_session_by_passkey", status=403, code=_FOREIGN, name="Use one there"),
    Call("complete_console_session", status=403, code=_FOREIGN, name="Complete a login from another page"),
    Call("refresh_console_session", status=403, code=_FOREIGN, name="Refresh its session from another page"),
    Call("prove_in_console", "admin_token", 403, code=_FOREIGN, name="Prove again who one is from another page"),
    Call("forget_console_password", status=403, code=_FOREIGN, name="Have a mail sent from another page"),
    Call("resend_console_verification", status=403, code=_FOREIGN, name="Have another mail sent from there"),
    Call("end_console_session", status=403, code=_FOREIGN, name="Log out of the console from another page"),
    Call(
        "show_console_session",
        "admin_token",
        200,
        checks={"no token is shown": "pm.expect(pm.response.text()).to.not.match(/eyJ|rlk_/)"},
    ),
    Call(
        "show_client",
        "admin_token",
        200,
        checks={"it is this client": "pm.expect(answer.client_id).to.eql(pm.environment.get('client_id'))"},
    ),
    Call(
        "change_client",
        "admin_token",
        200,
        body={"industry": "software"},
        checks={"the industry is the new one": "pm.expect(answer.industry).to.eql('software')"},
    ),
    Call("list_clients", "operator_token", 200, or_refused=True),
    Call("show_statistics", "admin_token", 200),
    Call("show_storage", "admin_token", 200),
    Call("show_isolation_report", "admin_token"),
    Call("begin_export", "admin_token", 202, body={}, saves={"job_id": "job_id"}),
    Call("show_export", "admin_token", 200),
    Call("show_all_statistics", "operator_token", 200, or_refused=True),
    Call("log_in", "publishable_key", 200, body=_LOGIN, saves=_TOKENS, name="Log the user in again"),
    Call("log_in", "publishable_key", 200, body=_LOGIN, saves=_TOKENS, name="Log the user in on a second device"),
    Call("list_sessions", "access_token", 200, name="Find the other session", after=_OTHER_SESSION),
    Call("end_session", "access_token", 204),
    Call(
        "introspect_token",
        "access_key",
        200,
        body={"token": "{{access_token}}"},
        checks={"it is good": "pm.expect(answer.active).to.eql(true)"},
    ),
    Call("reauthenticate", "access_token", 204, body={"password": _PASSWORD}),
    Call(
        "change_password",
        "access_token",
        204,
        body={"current_password": _PASSWORD, "new_password": _NEW_PASSWORD},
        after=("pm.environment.set('password', pm.environment.get('new_password'));",),
    ),
    Call("log_in", "publishable_key", 200, body=_LOGIN, saves=_TOKENS, name="Log the user in with the new password"),
    Call("delete_me", "access_token", 204),
    Call(
        "export_audit_logs",
        "admin_token",
        200,
        checks={
            "each line is one row of the log": "pm.response.text().trim().split('\\n')"
            ".forEach((line) => pm.expect(JSON.parse(line)).to.have.property('audit_id'))"
        },
    ),
    Call("rotate_access_key", "access_key", 201, body={"grace_seconds": 0}, saves={"access_key": "access_key"}),
    Call("replace_access_key", "operator_token", 201, body={}, saves={"access_key": "access_key"}, or_refused=True),
    Call(
        "end_everyones_sessions",
        "admin_token",
        200,
        checks={"the admin's own is among them": "pm.expect(answer.revoked).to.be.above(0)"},
    ),
    Call("show_client", "admin_token", 401, name="The admin is logged out too", code="token_revoked"),
    Call("log_client_out", "operator_token", 200, or_refused=True),
    Call("list_outbox", "operator_token", 200, or_refused=True, after=_NEWEST_MAIL),
    Call("retry_mail", "operator_token", before=_SOME_MAIL),
)
