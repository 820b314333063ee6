"""The mistake: the end of the connection is an error that nobody catches."""

import correct

with correct.connect() as conn:
    correct.converse(conn)
