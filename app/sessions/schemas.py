"""Public keys and the issuer over HTTP."""

from marshmallow import fields

from app.web.schemas import Schema


class JsonWebKey(Schema):
    """One public key (RFC 7517)."""

    kty = fields.String(required=True)
    crv = fields.String(required=True)
    x = fields.String(required=True)
    y = fields.String(required=True)
    kid = fields.String(required=True)
    use = fields.String(required=True)
    alg = fields.String(required=True)


class JsonWebKeySet(Schema):
    """The public keys that a client's access tokens are signed with."""

    keys = fields.List(fields.Nested(JsonWebKey), required=True)


class IssuerConfiguration(Schema):
    """What the issuer offers today (OpenID Connect Discovery 1.0, in form)."""

    issuer = fields.String(required=True)
    jwks_uri = fields.String(required=True)
