"""The tables of the ledger, by what they are about; `ledger.schema` names them all."""
