"""The error family of the library: nothing else may leave it for bad input."""


class LotteryError(Exception):
    """Something given to the library is not what its specification allows."""


class RecordError(LotteryError):
    """Bytes or values that are no valid ``yaohao/v1`` record."""


class ProtocolError(LotteryError):
    """A record that may not follow the ones before it, or comes at the wrong time."""


class LogError(LotteryError):
    """A note, checkpoint, proof, tile or policy is malformed or does not verify."""


class InconsistentLogError(LogError):
    """Stored tiles, stored checkpoint and new entries contradict each other.

    Nothing is signed after this: a person must look at it.
    """


class MissingTileError(LogError):
    """A tile or entry bundle that the tree size promises is not in the store."""


class BeaconError(LotteryError):
    """A beacon value is malformed, of an unknown kind, or does not verify."""


class BundleError(LotteryError):
    """A proof bundle cannot be opened safely."""


class VerificationError(LotteryError):
    """One numbered check failed at one place.

    Args:
        check: number of the check, ``V1`` to ``V17``.
        where: file (and record or line) of the bundle.
        detail: what is wrong, in English.
    """

    def __init__(self, check: str, where: str, detail: str) -> None:
        super().__init__(f"{check} {where}: {detail}")
        self.check = check
        self.where = where
        self.detail = detail
