"""Every page of the console: what is checked on all of them, and what is photographed."""

from dataclasses import dataclass

NOBODY, ADMIN, OPERATOR = "nobody", "admin", "operator"


@dataclass(frozen=True)
class Place:
    """A page: its name, its address (with names of ids to fill in) and whom it is shown to."""

    name: str
    path: str
    who: str = ADMIN

    def address(self, ids: dict[str, str]) -> str:
        """Return its address with ids filled in."""
        return "/console" + self.path.format(**ids)


PAGES = (
    Place("login", "/login", NOBODY),
    Place("register", "/register", NOBODY),
    Place("welcome", "/welcome"),
    Place("overview", "/overview"),
    Place("users", "/users"),
    Place("user", "/users/{user_id}"),
    Place("import", "/users/import"),
    Place("roles", "/roles"),
    Place("role", "/roles/{role}"),
    Place("keys", "/keys"),
    Place("key", "/keys/{key_id}"),
    Place("limits", "/limits"),
    Place("audit", "/audit"),
    Place("storage", "/storage"),
    Place("isolation", "/isolation"),
    Place("settings", "/settings"),
    Place("account", "/account"),
    Place("clients", "/clients", OPERATOR),
    Place("client", "/clients/{client_id}", OPERATOR),
    Place("statistics", "/statistics", OPERATOR),
    Place("tiers", "/tiers", OPERATOR),
    Place("outbox", "/outbox", OPERATOR),
)
