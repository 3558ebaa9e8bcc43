"""The privacy mailbox: read over IMAP with TLS; marks what the ledger has kept, and takes nothing away."""
