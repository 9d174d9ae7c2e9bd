"""Settings: all faults at once, and production refuses what only a demo may have."""

import pytest

from market.settings import Mode, SettingsError, fresh_secret, read_settings

PRODUCTION = {
    "SUNLIT_MODE": "production",
    "SUNLIT_SECRET_KEY": "k" * 48,
    "SUNLIT_STRIPE_BASE": "https://pay.example",
    "SUNLIT_STRIPE_KEY": "sk_live_1",
    "SUNLIT_STRIPE_WEBHOOK_SECRETS": "whsec_real",
    "SUNLIT_COURIER": "kuaidi100",
    "SUNLIT_BEACON": "quicknet",
    "SUNLIT_DRAND_RELAYS": "https://relay.example",
    "SUNLIT_SMTP_HOST": "mail.example",
}


def test_an_empty_environment_gives_the_demo_on_loopback():
    settings = read_settings({})
    assert settings.mode is Mode.DEVELOPMENT
    assert settings.host == "127.0.0.1"
    assert settings.demo


def test_a_complete_production_environment_is_taken():
    settings = read_settings(PRODUCTION)
    assert settings.is_production
    assert not settings.demo
    assert settings.pace == "official"


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("SUNLIT_SECRET_KEY", "", "SECRET_KEY"),
        ("SUNLIT_SECRET_KEY", "short", "SECRET_KEY"),
        ("SUNLIT_SECRET_KEY", "demo-secret-key-not-for-production-use", "demo key"),
        ("SUNLIT_STRIPE_BASE", "http://127.0.0.1:8001/sandbox/stripe", "sandbox payment"),
        ("SUNLIT_STRIPE_KEY", "sk_test_sunlit_demo", "sandbox payment"),
        ("SUNLIT_STRIPE_WEBHOOK_SECRETS", "whsec_demo_not_for_production_use", "demo secret"),
        ("SUNLIT_COURIER", "sandbox", "courier"),
        ("SUNLIT_BEACON", "demo", "beacon"),
        ("SUNLIT_DEMO", "1", "DEMO"),
        ("SUNLIT_PACE", "demo", "PACE"),
        ("SUNLIT_WEB_HOSTS", "2", "SQLite"),
        ("SUNLIT_SMTP_HOST", "", "SMTP_HOST"),
    ],
)
def test_production_refuses_what_only_a_demo_may_have(name, value, word):
    with pytest.raises(SettingsError) as refused:
        read_settings({**PRODUCTION, name: value})
    assert any(word in fault for fault in refused.value.faults)


def test_all_faults_are_told_together():
    with pytest.raises(SettingsError) as refused:
        read_settings({"SUNLIT_MODE": "production", "PORT": "abc", "SUNLIT_REGION": "3607"})
    assert len(refused.value.faults) >= 8


def test_a_live_key_never_travels_over_plain_http():
    with pytest.raises(SettingsError, match="https"):
        read_settings({"SUNLIT_STRIPE_KEY": "sk_live_1"})


def test_a_fresh_secret_is_long_enough_for_production():
    assert read_settings({**PRODUCTION, "SUNLIT_SECRET_KEY": fresh_secret()}).is_production
