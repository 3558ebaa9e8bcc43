"""Stories: one file, one flow, one screen. No column names, no SQL, no nested ifs."""
