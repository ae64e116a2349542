"""What domains vouch for: DKIM signatures (RFC 6376, 8301, 8463) and chains of ARC seals (RFC 8617), made and verified.

Messages are taken octet by octet as they are: nothing is parsed and written again.
"""
