"""Questions to the web's endpoints and pages without a server, shared by the tests."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi.routing import APIRoute
from pydantic import ValidationError

from cardstatus.database.reading.overview import Overview
from cardstatus.errors import UsageError
from cardstatus.web.api import answers, endpoints
from cardstatus.web.parameters import Parameters, in_a_sentence, parameters_of, read_query, repeated

ENDPOINTS = [route.name for route in endpoints.router.routes if isinstance(route, APIRoute)]
"""The names of the endpoints below the path of the database."""


def parameters(kind: type[Parameters], query: str) -> Any:
    """Return the parameters in a query string. Raises :class:`UsageError`."""
    several = repeated(kind)
    found = read_query(query, kind.model_fields, several)
    try:
        return kind(**{n: v if n in several else v[0] for n, v in found.items()})
    except ValidationError as error:
        raise UsageError(in_a_sentence(error.errors())) from None


def question(name: str, query: str) -> Callable[[Overview], answers.Answer]:
    """Return the question that an endpoint puts to the database."""
    kind = parameters_of(getattr(endpoints, name))
    return partial(getattr(answers, name), parameters(kind, query))
