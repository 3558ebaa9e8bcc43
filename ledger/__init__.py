"""Our own database: what was asked, allowed, held, destroyed and proven."""

from ledger.open import Ledger, open_ledger

__all__ = ["Ledger", "open_ledger"]
