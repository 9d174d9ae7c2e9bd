import pytest

from billing import chart
from billing.errors import AmountError, CurrencyError, UnknownAccountError
from billing.money import MAX_MINOR, Money, require_positive


@pytest.mark.parametrize("wrong", [-1, 0.5, "1", True, None, MAX_MINOR + 1])
def test_what_is_no_whole_amount_is_no_money(wrong):
    with pytest.raises(AmountError):
        Money(wrong)


def test_nothing_cannot_be_moved():
    with pytest.raises(AmountError):
        require_positive(Money(0))


def test_only_yuan_is_kept():
    with pytest.raises(CurrencyError):
        Money(1, "USD")


def test_a_difference_is_never_negative():
    with pytest.raises(AmountError):
        Money(1) - Money(2)


def test_the_largest_remainders_get_the_odd_fen():
    assert Money(100).split([1, 1, 1]) == [Money(34), Money(33), Money(33)]
    assert Money(10).split([0, 7, 3]) == [Money(0), Money(7), Money(3)]
    assert Money(1).split([1, 2]) == [Money(0), Money(1)]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_must_make_sense(weights):
    with pytest.raises(AmountError):
        Money(1).split(weights)


def test_a_portion_is_rounded_down():
    assert Money(999).portion(1) == Money(0)
    assert Money(10_001).portion(250) == Money(250)
    with pytest.raises(AmountError):
        Money(1).portion(10_001)


def test_the_chart_knows_its_accounts_and_no_other():
    held = chart.classify(chart.escrow("order:1"))
    assert (held.kind, held.guard) == (chart.Kind.LIABILITY, chart.Guard.CREDIT)
    assert chart.classify(chart.agency_receivable("a")).guard is chart.Guard.DEBIT
    assert chart.classify(chart.PSP_CLEARING).kind is chart.Kind.ASSET
    for unknown in ("", "escrow:", "escrow:a b", "agency:1:wallet", "psp:clearing "):
        with pytest.raises(UnknownAccountError):
            chart.classify(unknown)
