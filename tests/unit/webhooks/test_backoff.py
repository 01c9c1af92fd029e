"""When a delivery is tried again."""

from videosite.webhooks.backoff import DELAYS_S, JITTER, MAX_ASKED_S, delay_s


def least(low: float, _: float) -> float:
    return low


def test_delays_grow_to_the_last_attempt() -> None:
    delays = [delay_s(failed, uniform=least) or 0 for failed in range(1, len(DELAYS_S) + 1)]
    assert delays == sorted(delays)
    assert delays[0] == DELAYS_S[0] * (1 - JITTER)
    assert delay_s(len(DELAYS_S) + 1) is None


def test_they_are_spread() -> None:
    found = {delay_s(4) for _ in range(50)}
    assert len(found) > 40
    assert all(DELAYS_S[3] * (1 - JITTER) <= (one or 0) <= DELAYS_S[3] * (1 + JITTER) for one in found)


def test_a_receiver_may_ask_for_patience_but_not_for_ever() -> None:
    assert delay_s(1, 100, uniform=lambda *_: 1) == 100
    assert delay_s(5, 100, uniform=lambda *_: 1) == DELAYS_S[4]
    assert delay_s(1, 1e9, uniform=lambda *_: 1) == MAX_ASKED_S


def test_it_does_not_come_before_it_was_asked_to() -> None:
    assert delay_s(1, 3600, uniform=least) == 3600
    assert delay_s(5, 100, uniform=least) == DELAYS_S[4] * (1 - JITTER)
