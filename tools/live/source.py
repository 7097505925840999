"""Requests to one source that are repeated where that is safe, and believed only when the answer is one.

Everything medlit asks of a source is a question: to repeat it changes nothing. What is
tried again: 429, 500, 502, 503, 504, connections that fail or break off, and answers with
status 200 that are not what was asked for. A pause is never longer than the caller's
deadline allows; then the source counts as unavailable at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import anyio

from medlit.errors import SourceUnavailable, Spared
from medlit.privacy.outbound import Outbound, Request, Response
from tools.live.breaker import Breaker
from tools.live.throttle import Gate

ATTEMPTS = 3
PAUSE_S = 0.5
"""Mean pause before the second attempt; it doubles with every further one."""

COOL_S = 2.0
"""A cool-down after 429 without Retry-After."""

ATTEMPT_S = 30.0
"""The longest that one answer may take, however slowly it drips."""

RETRIED = frozenset({500, 502, 503, 504})

T = TypeVar("T")


class NoAnswerError(Exception):
    """What came with status 200 is no answer; the message says what it is, in words of ours."""


class TooManyError(Exception):
    """What came with status 200 says that too much was asked."""


class _TryAgain(Exception):
    """An attempt failed in a way that another may not; with the pause that the source asks for, or 0."""

    def __init__(self, problem: str, pause: float) -> None:
        super().__init__(problem)
        self.problem = problem
        self.pause = pause


class Source:
    """One literature source. ``name`` is how errors call it; while ``spared`` is true it is not asked."""

    def __init__(self, name: str, outbound: Outbound, gate: Gate, spared: Callable[[], bool] = lambda: False) -> None:
        self.name = name
        self._spared = spared
        self._outbound = outbound
        self._gate = gate
        self._breaker = Breaker()

    async def get(
        self, request: Request, read: Callable[[Response], T], *, statuses: frozenset[int] = frozenset({200})
    ) -> T:
        """Ask, and read an answer with one of these statuses.

        ``read`` must be quick, and raises :class:`NoAnswerError` or :class:`TooManyError`.

        Raises:
            Spared, PhiRefused, Offline, NoRoomOutside: nothing was sent.
            SourceUnavailable: no answer, after all attempts that the deadline has room for.
        """
        for attempt in range(1, ATTEMPTS + 1):
            if self._spared():
                raise Spared
            if self._breaker.is_open(anyio.current_time()):
                raise self._unavailable("has failed several times in a row and is left alone for half a minute")
            try:
                answer = read(await self._answered(request, statuses))
            except _TryAgain as failure:
                problem, pause = failure.problem, failure.pause
            except NoAnswerError as failure:
                problem, pause = str(failure), 0.0
            except TooManyError:
                problem, pause = await self._cool_down({})
            else:
                self._breaker.succeeded()
                return answer
            if not pause:
                self._breaker.failed(anyio.current_time())
            pause = max(pause, _random_pause(attempt))
            if attempt == ATTEMPTS or anyio.current_time() + pause > anyio.current_effective_deadline():
                raise self._unavailable(problem)
            await anyio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _answered(self, request: Request, statuses: frozenset[int]) -> Response:
        """The answer, if it has one of these statuses."""
        try:
            response = await self._once(request)
        except SourceUnavailable as error:
            if error.final:
                raise
            raise _TryAgain(error.problem, 0.0) from None
        if response.status in statuses:
            return response
        if response.status == 429:
            raise _TryAgain(*await self._cool_down(response.headers))
        problem = f"answered with HTTP status {response.status}"
        if response.status not in RETRIED:
            raise self._unavailable(problem)
        wait = retry_after(response.headers)
        if wait:
            self._breaker.failed(anyio.current_time())
        raise _TryAgain(problem, wait or 0.0)

    async def _once(self, request: Request) -> Response:
        try:
            with anyio.fail_after(ATTEMPT_S):
                return await self._outbound.fetch(request)
        except TimeoutError:
            raise SourceUnavailable(f"did not finish its answer within {ATTEMPT_S:.0f} s") from None
        except anyio.get_cancelled_exc_class():
            if anyio.current_effective_deadline() <= anyio.current_time():
                self._breaker.failed(anyio.current_time())  # too slow for its caller, as a failure is
            raise

    async def _cool_down(self, headers: Mapping[str, str]) -> tuple[str, float]:
        """Keep everybody from asking for a while; what to say of it, and for how long."""
        seconds = retry_after(headers)
        if seconds is None:
            seconds = COOL_S
        await self._gate.cool_down(seconds)
        return f"asked to be left alone for {seconds:.0f} s", seconds

    def _unavailable(self, problem: str) -> SourceUnavailable:
        return SourceUnavailable(problem, self.name, final=True)


def _random_pause(attempt: int) -> float:
    """A random pause around ``PAUSE_S``, doubled with every attempt, so that callers do not come back together."""
    return PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311  # no secret


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks to wait, as a number or a date (RFC 9110, 10.2.3); ``None`` without one."""
    value = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp())
