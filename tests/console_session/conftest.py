"""A person and a page of the console, which most tests of its session begin with."""

import pytest
from flask import Flask

from tests.console_session.browsing import Page
from tests.factories import Person, Tenant


@pytest.fixture
def person(tenant: Tenant) -> Person:
    """An admin, who may do what a fresh proof is asked for."""
    return tenant.make_admin()


@pytest.fixture
def page(app: Flask, tenant: Tenant, person: Person) -> Page:
    """A page of the console on which the admin is logged in."""
    page = Page(app)
    page.enter(tenant, person)
    return page
