"""The declared register of processing (verwerkingsregister) of 12Care, and how it is loaded."""
