"""SMTP itself: what stands on the wire, read strictly and written exactly (RFC 5321)."""
