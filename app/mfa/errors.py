"""What can go wrong with a second factor."""

from app.core.errors import Conflict, RateLimited


class TooManyGuesses(RateLimited):
    """The user has had its wrong codes of the hour; even the right one is refused until they are forgotten."""

    advice = "Wait for the seconds in Retry-After, or use a passkey."
    keeps_writes = True


class SecondFactorsOff(Conflict):
    """The client's policy lets nobody enrol."""

    title = "This client has second factors switched off."
    advice = "Ask an admin to change the client's setting mfa_policy."


class NoSecondFactor(Conflict):
    """Recovery codes stand in for a factor; the user has none."""

    title = "There is no second factor that recovery codes could stand in for."
    advice = "Set up an authenticator app or a passkey first."


class LastFactor(Conflict):
    """The client's policy asks for a second factor, and this is the user's only one."""

    title = "Your organisation asks for a second factor, and this is your last one."
    advice = "Set up another factor first, then remove this one."
