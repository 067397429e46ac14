"""What is deleted because nobody needs it any more, and what is not."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

from app.core import clock, db
from app.mail import delivery
from app.mail.tables import outbox
from app.onboarding import housekeeping
from app.sessions.tables import sessions
from tests import database
from tests.factories import Person, Tenant
from tests.mail.sending import deliver, let_time_pass, message, put, row, rows
from tests.mails import mails_to
from tests.support.smtp import MailServer


def tidy(app: Flask) -> int:
    with app.app_context():
        return sum(housekeeping.tidy())


def test_sent_mails_are_told_of_for_a_week_and_dead_ones_for_a_month(app: Flask) -> None:
    sent, young, dead = message(), message(), message()
    put(app, sent, young, dead)
    for mail in (sent, young):
        assert len(mails_to(app, mail.recipient)) == 1
    with app.app_context(), db.unit_of_work():
        db.execute(update(outbox).where(outbox.c.client_id == dead.client_id).values(status="dead"))
    let_time_pass(app, sent, days=8)
    let_time_pass(app, young, days=6)
    let_time_pass(app, dead, days=29)
    assert tidy(app) >= 1
    assert (rows(app, sent), row(app, young).status, row(app, dead).status) == ([], "sent", "dead")
    let_time_pass(app, dead, days=2)
    tidy(app)
    assert rows(app, dead) == []


def age(app: Flask, person: Person, **moments: timedelta) -> None:
    """Move moments of a person's sessions that far back from now."""
    values = {name: clock.now() - by for name, by in moments.items()}
    with app.app_context(), db.unit_of_work():
        db.execute(update(sessions).where(sessions.c.user_id == UUID(person.user_id)).values(**values))


def left(url: str, person: Person) -> dict[str, int]:
    of_user = {"where": "user_id = :user", "user": database.uuid_text(url, person.user_id)}
    return {table: database.count(url, table, **of_user) for table in ("sessions", "tokens")}


def test_R_10_sessions_that_ended_go_with_all_their_tokens_and_others_stay(
    app: Flask, tenant: Tenant, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_AT_ONCE", "_AT_ONCE_ON_SQLITE"):
        monkeypatch.setattr(housekeeping, name, 2)
    revoked, expired, idle, just_ended, living = (tenant.sign_up() for _ in range(5))
    for _ in range(4):  # the spent tokens of one session are more than go at once
        body = {"refresh_token": revoked.refresh_token}
        revoked.refresh_token = tenant.call("POST", "/refresh", json=body).json()["refresh_token"]
    assert left(database_url, revoked) == {"sessions": 1, "tokens": 5}
    age(app, revoked, revoked_at=timedelta(days=1, minutes=1))
    age(app, expired, expires_at=timedelta(days=1, minutes=1))
    age(app, idle, last_seen_at=timedelta(days=31, minutes=1))
    age(app, just_ended, revoked_at=timedelta(hours=23))
    assert tidy(app) >= 10
    for person in (revoked, expired, idle):
        assert left(database_url, person) == {"sessions": 0, "tokens": 0}
    for person in (just_ended, living):
        assert left(database_url, person) == {"sessions": 1, "tokens": 1}
    assert living.call("GET", "/me").status_code == 200


def test_R_21_a_mail_that_nobody_takes_up_for_ten_minutes_is_overdue(app: Flask, smtp: MailServer) -> None:
    mail = message()
    put(app, mail)
    let_time_pass(app, mail, minutes=9)
    assert overdue_since(app) is None
    let_time_pass(app, mail, minutes=2)
    assert overdue_since(app) == row(app, mail).next_attempt_at
    assert deliver(app, smtp) == 1
    assert overdue_since(app) is None


def overdue_since(app: Flask) -> datetime | None:
    with app.app_context():
        return delivery.overdue_since()
