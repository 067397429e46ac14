"""The Postman collection's folder on API keys and limits: a key's life from making to revoking, and what it counts.

All of the collection makes fewer than ten calls a minute by access and secret keys, which is what a new client's tier
allows: the rest goes by an admin's token, a publishable key, or is a verification, which no window of the tier counts.
"""

from app.web.postman_calls import Call

_PAGE = "https://app.example.com"
_HEADER = "pm.expect(pm.response.headers.get('{0}')).to.eql({1})"
_VERIFY, _CHECKED = {"key": "{{api_key}}", "scopes": ["decay"]}, {"key": "{{api_key}}"}

KEYS = (
    Call(
        "create_key",
        "access_key",
        201,
        name="Make a publishable key for your front end's page",
        body={"name": "Front end", "kind": "publishable", "allowed_origins": [_PAGE]},
        saves={"publishable_key": "api_key"},
        checks={"it may do nothing but sign-up and login": "pm.expect(answer.scopes).to.eql([])"},
    ),
    Call(
        "log_in",
        "publishable_key",
        200,
        name="Log the admin in from that page",
        headers={"Origin": _PAGE},
        body={"email": "admin.{{run}}@example.com", "password": "{{password}}"},
        saves={"admin_token": "access_token"},
        checks={"the page may read the answer": _HEADER.format("Access-Control-Allow-Origin", f"'{_PAGE}'")},
    ),
    Call(
        "log_in",
        "publishable_key",
        403,
        name="The same from another page is refused",
        headers={"Origin": "https://evil.example"},
        body={"email": "admin.{{run}}@example.com", "password": "{{password}}"},
        code="insufficient_scope",
    ),
    Call(
        "create_key",
        "admin_token",
        201,
        name="Make a secret key with scopes, a quota and a window of its own",
        body={
            "name": "Reporting job",
            "scopes": ["keys:read", "decay"],
            "usage_limit": 100,
            "rate_limit": {"requests_per_minute": 60},
        },
        saves={"api_key": "api_key", "key_id": "key_id"},
        checks={"the key looks like one": "pm.expect(answer.api_key).to.match(/^rlk_sk_[0-9A-Za-z]{49}$/)"},
    ),
    Call(
        "verify_key",
        "access_key",
        200,
        name="Check the key, as your own API does for each of its requests",
        body=_VERIFY,
        checks={
            "the key is good": "pm.expect([answer.valid, answer.code]).to.eql([true, null])",
            "one use of the quota is spent": "pm.expect(answer.remaining).to.eql(99)",
            "its window has one call less": "pm.expect(answer.rate_limit.requests_per_minute.remaining).to.eql(59)",
        },
    ),
    Call(
        "verify_key",
        "access_key",
        200,
        name="Check it for a scope that it lacks",
        body={**_VERIFY, "scopes": ["write"]},
        checks={"it says why not": "pm.expect([answer.valid, answer.code]).to.eql([false, 'insufficient_scope'])"},
    ),
    Call(
        "list_keys",
        "api_key",
        200,
        name="Use the key in X-API-Key",
        as_api_key=True,
        checks={
            "both keys are listed, without their secrets": "pm.expect(answer.items.map((one) => one.kind))"
            ".to.eql(['secret', 'publishable'])",
            "what is left is told": "pm.expect(Number(pm.response.headers.get('X-RateLimit-Remaining')))"
            ".to.be.at.least(0)",
        },
    ),
    Call(
        "show_key_usage",
        "admin_token",
        200,
        checks={"the check and the call are counted, once each": "pm.expect(answer.remaining).to.eql(98)"},
    ),
    Call(
        "change_key",
        "admin_token",
        200,
        body={"name": "Nightly report"},
        checks={"the name is the new one": "pm.expect(answer.name).to.eql('Nightly report')"},
    ),
    Call("show_key", "admin_token", 200, checks={"it is active": "pm.expect(answer.status).to.eql('active')"}),
    Call(
        "rotate_key",
        "admin_token",
        201,
        name="Rotate the key; the old one works on for a minute",
        body={"grace_seconds": 60},
        saves={"new_api_key": "api_key", "new_key_id": "key_id"},
        checks={"the quota is taken over": "pm.expect(answer.usage_count).to.eql(2)"},
    ),
    Call(
        "verify_key",
        "access_key",
        200,
        name="Check the old key: it is still good, and counts as the new one",
        body=_CHECKED,
        checks={"it is good": "pm.expect([answer.valid, answer.remaining]).to.eql([true, 97])"},
        after=(
            "pm.environment.set('api_key', pm.environment.get('new_api_key'));",
            "pm.environment.set('key_id', pm.environment.get('new_key_id'));",
        ),
    ),
    Call(
        "verify_key",
        "access_key",
        200,
        name="Check the new key",
        body=_CHECKED,
        checks={"it is good": "pm.expect([answer.valid, answer.remaining]).to.eql([true, 96])"},
    ),
    Call("revoke_key", "admin_token", 200, checks={"it is revoked": "pm.expect(answer.status).to.eql('revoked')"}),
    Call(
        "verify_key",
        "access_key",
        200,
        name="Check it once more: refused from the very next request on",
        body=_CHECKED,
        checks={"it says why": "pm.expect([answer.valid, answer.code]).to.eql([false, 'revoked'])"},
    ),
    Call("delete_key", "admin_token", 204),
    Call(
        "show_rate_limit_status",
        "admin_token",
        200,
        checks={
            "every limit says where it comes from": "pm.expect(answer.limits.requests_per_minute.source)"
            ".to.be.oneOf(['tier', 'client'])",
            "no window is overdrawn": "pm.expect(answer.windows.every((one) => one.remaining >= 0)).to.eql(true)",
        },
    ),
    Call(
        "list_tiers",
        "admin_token",
        200,
        checks={
            "the built-in ones are there": "pm.expect(answer.items.map((one) => one.name))"
            ".to.include.members(['free', 'pro', 'enterprise'])"
        },
    ),
    Call(
        "put_tier",
        "operator_token",
        200,
        body={"requests_per_minute": 20, "requests_per_hour": 500, "requests_per_day": None},
        before=("pm.environment.set('name', 'postman');",),
        checks={"an operator has set it": "pm.expect(answer.source).to.eql('operator')"},
        or_refused=True,
    ),
    Call("reset_limits", "operator_token", 204, or_refused=True),
)
