"""The Postman collection's folder on recovery, second factors and passkeys.

What needs a mail, an authenticator app or a browser is sent with a code that is none, and must be refused.
"""

from app.web.postman_calls import Call

_INVALID = "invalid_code"
_LOGIN = {"email": "{{email}}", "password": "{{password}}"}
_NO_CODE = "rlk_oc_none"
_NO_CREDENTIAL = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}, "clientExtensionResults": {}}
_NOBODYS = ("pm.environment.set('id', '00000000-0000-7000-8000-000000000000');",)

PROOFS = (
    Call("forget_password", "publishable_key", 202, body={"email": "{{email}}"}),
    Call("reset_password", None, 400, body={"token": _NO_CODE, "new_password": "{{new_password}}"}, code=_INVALID),
    Call("resend_verification", "publishable_key", 202, body={"email": "{{email}}"}),
    Call("verify_email", None, 400, body={"token": _NO_CODE}, code=_INVALID),
    Call("accept_invitation", None, 400, body={"token": _NO_CODE, "password": "{{password}}"}, code=_INVALID),
    Call(
        "log_in",
        "publishable_key",
        200,
        name="Log the user of the main job in",
        body=_LOGIN,
        saves={"access_token": "access_token", "refresh_token": "refresh_token"},
    ),
    Call("change_email", "access_token", 202, body={"email": "ada.new.{{run}}@example.com"}),
    Call("confirm_email", None, 400, body={"token": _NO_CODE}, code=_INVALID),
    Call("begin_totp", "access_token", 200, checks={"it is drawn too": "pm.expect(answer.qr_svg).to.include('<svg')"}),
    Call("confirm_totp", "access_token", 400, body={"code": "no code"}, code=_INVALID),
    Call("show_factors", "access_token", 200),
    Call("renew_recovery_codes", "access_token", 409, code="conflict"),
    Call("remove_totp", "access_token", 404, code="not_found"),
    Call("complete_login", "publishable_key", 400, body={"mfa_token": _NO_CODE, "code": "no code"}, code=_INVALID),
    Call(
        "begin_passkey",
        "access_token",
        200,
        checks={"it names the user": "pm.expect(answer.user.name).to.eql(pm.environment.get('email'))"},
    ),
    Call("add_passkey", "access_token", 400, body={"credential": _NO_CREDENTIAL}, code=_INVALID),
    Call("list_passkeys", "access_token", 200, checks={"there is none": "pm.expect(answer.items).to.eql([])"}),
    Call("show_passkey", "access_token", 404, before=_NOBODYS, code="not_found"),
    Call("rename_passkey", "access_token", 404, body={"name": "My phone"}, code="not_found"),
    Call("remove_passkey", "access_token", 404, code="not_found"),
    Call("begin_reauthentication", "access_token", 404, code="not_found"),
    Call("begin_passkey_login", "publishable_key", 200),
    Call("log_in_with_passkey", "publishable_key", 400, body={"credential": _NO_CREDENTIAL}, code=_INVALID),
)
