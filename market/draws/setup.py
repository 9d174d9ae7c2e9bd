"""What a draw needs from outside the database, handed in by the composition root."""

from dataclasses import dataclass, field

from lottery.encoding import sha256
from lottery.entropy.drand import Chain
from lottery.records import DrandPin, Policy
from market.draws.pace import DrawPace
from market.draws.routes import RouteLimits
from market.draws.sealing import Sealer


@dataclass(frozen=True, slots=True)
class DrawSetup:
    """The fixed values of one installation."""

    chain: Chain  # the beacon chain of new announcements
    pace: DrawPace
    sealer: Sealer
    origin: str
    log_vkey: str
    limits: RouteLimits = field(default_factory=RouteLimits)

    @property
    def policy_text(self) -> str:
        """Return the C2SP tlog-policy text: our log key, and no witness yet."""
        return f"log {self.log_vkey}\nquorum none\n"

    @property
    def policy(self) -> Policy:
        """Return the policy record that the log carries while this setup holds."""
        return Policy(
            origin=self.origin,
            log_vkeys=(self.log_vkey,),
            policy_sha256=sha256(self.policy_text.encode()).hex(),
            drand=DrandPin.of(self.chain),
            freeze_lead_seconds=self.pace.freeze_lead_seconds,
            go_lead_seconds=self.pace.go_lead_seconds,
        )
