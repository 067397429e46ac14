"""A client's settings as they are shown: each with the value in force and the level it comes from."""

from typing import Any
from urllib.parse import urlsplit

from app.clients.models import DEFAULT, Client, levels
from app.core import web_origins
from app.core.settings import settings


def of_client(client: Client) -> dict[str, dict[str, Any]]:
    """Return by name `{value, source}`; what nobody has set, and depends on PUBLIC_URL or the client, is worked out."""
    standing = _worked_out(client)
    shown = {}
    for name, (value, source) in levels(client.own_settings, is_platform=client.is_platform).items():
        if not value and name in standing:
            value, source = standing[name], DEFAULT
        shown[name] = {"value": list(value) if isinstance(value, tuple) else value, "source": source}
    return shown


def _worked_out(client: Client) -> dict[str, Any]:
    public_url = settings().public_url
    return {
        "passkey_rp_id": urlsplit(public_url).hostname,
        "passkey_origins": (web_origins.of_address(public_url) or public_url,),
        "sender_name": client.client_name,
    }
